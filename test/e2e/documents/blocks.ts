/** The fenced blocks of a document that show commands, as they stand there. */
import { textOf } from '../../helpers/project.ts';

/** Languages of blocks that show no command. */
const NO_COMMANDS = ['ini', 'mermaid', 'text', 'ts'];
const FENCED = /^```(.*)\n([\s\S]*?)^```$/gm;
/** Any fence, also where it would be missed. */
const FENCE = /^\s*(```|~~~)/gm;
const NOT_RUN = /^not-run:/;

export interface Block {
  /** Document and line, for whoever looks for it. */
  readonly where: string;
  /** `sh` has commands, `console` has commands and what is shown beside them. */
  readonly language: string;
  /** The word behind the language: a terminal, a log, or why the block is not run. Readers do not see it. */
  readonly mark: string | undefined;
  readonly lines: readonly string[];
}

/** @throws Error where a fence is indented, or has no other one */
export function blocksOf(document: string): Block[] {
  const text = textOf(document);
  const fenced = [...text.matchAll(FENCED)];
  if ([...text.matchAll(FENCE)].length !== 2 * fenced.length)
    throw new Error(`a fence of ${document} is not seen here`);
  return fenced
    .map(({ 1: info = '', 2: body = '', index }) => {
      const [language = '', mark] = info.split(' ');
      const where = `${document}:${text.slice(0, index).split('\n').length}`;
      return { where, language, mark, lines: body.trimEnd().split('\n') };
    })
    .filter(({ language }) => !NO_COMMANDS.includes(language));
}

/** @returns why a block is not run: a word behind `not-run:` */
export function reasonNotToRun({ mark }: Block): string | undefined {
  return mark !== undefined && NOT_RUN.test(mark) ? mark.replace(NOT_RUN, '') : undefined;
}

/** The commands of a block: without comments, and those that take more than one line in one piece. */
export function commandsOf({ language, lines }: Block): string[] {
  const commands = language === 'sh' ? lines : lines.flatMap((line) => /^\$ (.*)/.exec(line)?.[1] ?? []);
  return commands
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, ''))
    .filter((line) => line !== '');
}
