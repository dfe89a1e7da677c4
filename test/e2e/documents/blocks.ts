/** The fenced blocks with commands in a document. */
import { textOf } from '../../helpers/project.ts';

/** The languages of blocks without commands. */
const NO_COMMANDS = ['ini', 'js', 'mermaid', 'text', 'toml', 'ts'];
const FENCED = /^```(.*)\n([\s\S]*?)^```$/gm;
/** Any fence, even one in a wrong place, so that none is missed. */
const FENCE = /^\s*(```|~~~)/gm;
const NOT_RUN = /^not-run:/;

export interface Block {
  /** The document and the line of the block. */
  readonly where: string;
  /** `sh` has commands; `console` has commands and their output; `program` has what a program sends and gets. */
  readonly language: string;
  /**
   * The word behind the language: a terminal, a program, a log, or the reason not to run the block. A rendered page
   * does not show it.
   */
  readonly mark: string | undefined;
  readonly lines: readonly string[];
}

/** @throws Error if a fence is indented, or is not closed */
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

/** The commands of a block, without comments. A command of several lines is one piece. */
export function commandsOf({ language, lines }: Block): string[] {
  if (language === 'program') return [];
  const commands = language === 'sh' ? lines : lines.flatMap((line) => /^\$ (.*)/.exec(line)?.[1] ?? []);
  return commands
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, ''))
    .filter((line) => line !== '');
}
