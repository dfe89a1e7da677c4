/** Commands for the broker: lines that begin with `/`. */
import type { Command } from '../protocol.ts';
import { COLON } from './addressed-line.ts';

export const SLASH = 47;
/** Bytes of a line after this are no part of a command: the longest name is 65,535 bytes. */
const MAX_COMMAND_BYTES = 70_000;

/** The command to leave, as a whole line. */
const QUIT = /^\/quit[ \t]*\r?\n$/i;
const MAX_QUIT_BYTES = 16;

/** Whether the first `length` bytes of `bytes` are the command to leave, as exactly one line. */
export function isQuit(bytes: Buffer, length: number): boolean {
  return length <= MAX_QUIT_BYTES && QUIT.test(bytes.toString('latin1', 0, length));
}

/**
 * Reads the command in the line at [start, end) of `bytes`, which begins with a slash.
 * @param strict whether every such line is a command; if not, only known ones are, because a name may begin with a
 *   slash
 * @returns undefined if the line is no command
 */
export function readCommand(bytes: Uint8Array, start: number, end: number, strict: boolean): Command | undefined {
  const line = bytes.subarray(start, Math.min(end, start + MAX_COMMAND_BYTES));
  if (!strict && line.includes(COLON)) return undefined;
  const text = Buffer.from(line).toString();
  const space = text.search(/\s/u);
  const word = space < 0 ? text : text.slice(0, space);
  const rest = space < 0 ? '' : text.slice(space).trim();
  const command = knownCommand(word.toLowerCase(), rest);
  if (command === undefined) return strict ? { kind: 'unknown', word: Buffer.from(word) } : undefined;
  return strict || rest === '' || command.kind === 'who is' ? command : undefined;
}

function knownCommand(word: string, rest: string): Command | undefined {
  switch (word) {
    case '/help':
    case '/?':
      return { kind: 'help' };
    case '/who':
      return rest === '' ? { kind: 'who' } : { kind: 'who is', name: Buffer.from(rest) };
    case '/quit':
      return { kind: 'quit' };
    default:
      return undefined;
  }
}
