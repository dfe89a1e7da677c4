/**
 * The settings before and beside a broker: whether they are right, which are in force and why, and what there is. Exit
 * code: 0 done; 2 a setting or an option is wrong.
 */
import { Command, CommanderError } from 'commander';
import { exampleToml, settingsTable, tomlValue } from '../../shared/common/config/docs.ts';
import { CONFIG_VARIABLE, configFile, type Origin, readSources } from '../../shared/common/config/sources.ts';
import type { SettingName } from '../../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, messageOf, StartError } from '../../shared/common/errors.ts';
import { commandFor } from '../../shared/common/text.ts';

/** Says all that is wrong, in the environment and in the file. @throws ConfigError if anything is */
async function check(option: string | undefined): Promise<void> {
  const file = configFile(option, process.env);
  const { origins } = await readSources(process.env, file);
  const from = (source: Origin['from']) => Object.values(origins).filter((origin) => origin.from === source).length;
  const inFile = file === undefined ? '' : `${from('file')} from ${file}, `;
  console.log(`all settings are right: ${inFile}${from('environment')} from the environment`);
}

/** Prints the settings as a file has them, each with where it comes from. @throws ConfigError if any is wrong */
async function print({ config: option, json }: { readonly config?: string; readonly json?: true }): Promise<void> {
  const { config, origins } = await readSources(process.env, configFile(option, process.env));
  for (const name of Object.keys(config) as SettingName[]) {
    const value = tomlValue(name, config[name]);
    if (json) console.log(JSON.stringify({ name, value: JSON.parse(value), ...origins[name] }));
    else console.log(`${name} = ${value} # ${originText(origins[name])}`);
  }
}

function originText(origin: Origin): string {
  return origin.from === 'file' ? `${origin.file}:${origin.place.line}` : origin.from;
}

function program(): Command {
  const all = new Command(commandFor('config'))
    .description('The settings: whether they are right, which are in force, and what there is.')
    .addHelpText('after', '\nExit code: 0 done; 2 a setting or an option is wrong.')
    .exitOverride();
  all
    .command('check')
    .description('say all that is wrong in a file and in the environment')
    .argument('[file]', `the file; without it the one that ${CONFIG_VARIABLE} names`)
    .action(check);
  all
    .command('print')
    .description('print each setting in force, and where it comes from; no secret is shown')
    .option('--config <file>', `the file; without it the one that ${CONFIG_VARIABLE} names`)
    .option('--json', 'one JSON object a line')
    .action(print);
  all
    .command('docs')
    .description('print every setting with its default and its meaning, in Markdown')
    .option('--toml', 'as a file to begin with')
    .action(({ toml }: { readonly toml?: true }) => console.log(toml ? exampleToml().trimEnd() : settingsTable()));
  for (const command of all.commands) command.allowExcessArguments(false);
  return all;
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_SETTING;
  else {
    console.error(messageOf(error));
    process.exitCode = error instanceof StartError ? error.exitCode : EXIT_FAILED;
  }
}
