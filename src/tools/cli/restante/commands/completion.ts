/** The `completion` command: what a shell needs to complete commands and options. */
import { Argument, type Command } from 'commander';
import type { Context } from '../context.ts';
import { example } from '../values.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** Adds the command. It knows the commands that were added before it, and itself. */
export function addCompletion(context: Context): void {
  context.program
    .command('completion')
    .description('print a script that completes commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', example('source <(restante completion bash)', 'restante completion fish | source'))
    .action((shell: Shell) => context.output.raw(scriptFor(shell, context.program)));
}

/** @returns the script of a shell */
export function scriptFor(shell: Shell, program: Command): string {
  switch (shell) {
    case 'bash':
      return bash(program);
    case 'zsh':
      // zsh has a layer for scripts of bash.
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}`;
    case 'fish':
      return fish(program);
    default:
      return shell satisfies never;
  }
}

function bash(program: Command): string {
  const cases = program.commands.map(
    (command) => `    ${command.name()}) words="${[...wordsOf(command), ...flagsOf(program)].join(' ')}" ;;`,
  );
  return `_restante() {
  local words="${[...program.commands.map((command) => command.name()), ...flagsOf(program)].join(' ')}"
  [ "$COMP_CWORD" -gt 1 ] && case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _restante restante`;
}

function fish(program: Command): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const lines = program.commands.flatMap((command) => [
    `complete -c restante -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`,
    ...command.commands.map(
      (inner) =>
        `complete -c restante -n '__fish_seen_subcommand_from ${command.name()}' ` +
        `-a ${inner.name()} -d ${quoted(inner.description())}`,
    ),
    ...[command, ...command.commands].flatMap(({ options }) =>
      options.map(
        ({ long, description }) =>
          `complete -c restante -n '__fish_seen_subcommand_from ${command.name()}' ` +
          `-l ${long?.slice(2)} -d ${quoted(description)}`,
      ),
    ),
  ]);
  const everywhere = program.options.map(
    ({ long, description }) => `complete -c restante -l ${long?.slice(2)} -d ${quoted(description)}`,
  );
  return [...lines, ...everywhere].join('\n');
}

/** What may follow a command: commands in it, the options of all, and the words that its arguments may be. */
function wordsOf(command: Command): string[] {
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const flags = [command, ...command.commands].flatMap(flagsOf);
  return [...new Set([...command.commands.map((inner) => inner.name()), ...flags, ...choices])];
}

function flagsOf({ options }: Command): string[] {
  return options.flatMap(({ long }) => long ?? []);
}
