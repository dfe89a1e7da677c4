/** What a person asks the broker itself: a line that begins with `/`. */
import type { Command } from '../protocol.ts';
import { COLON } from './addressed-line.ts';

export const SLASH = 47;
/** The longest name is 65,535 bytes; what is behind this is nothing of a command. */
const MAX_COMMAND_BYTES = 70_000;

/** What somebody types who wants to leave. */
const QUIT = /^\/quit[ \t]*\r?\n$/i;
const MAX_QUIT_BYTES = 16;

/** Whether the first `length` bytes of `bytes` are one line that is this command, and nothing else. */
export function isQuit(bytes: Buffer, length: number): boolean {
  return length <= MAX_QUIT_BYTES && QUIT.test(bytes.toString('latin1', 0, length));
}

/**
 * The command in the line at [start, end) of `bytes`, which begins with a slash.
 * @param strict whether every such line is one; or else only the known ones are, because a name may begin so
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
