/**
 * Where the statements of a TOML text begin and end. The package that reads TOML tells only the places of its errors.
 * The text must be valid: it has been read before this looks at it.
 */

/** A key with its value, or the heading of a table. Numbers are offsets in the text. */
export interface Statement {
  /** The key as it was written; of one with dots, the first part. */
  readonly key: string;
  readonly start: number;
  /** The value of a heading is the heading. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** The elements of a list. */
  readonly elements: readonly number[];
}

const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
/** Blanks within an array, where a comma is one. */
const BETWEEN = /(?:[ \t\r\n,]|#[^\n]*)*/y;
const KEY = /"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+/y;
const STRING = /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*'/y;
const PLAIN = /[^"'[\]{},#\r\n]+/y;

/** The statements of a valid text, in their order. Statements in a table belong to its heading, and are left out. */
export function* statementsOf(text: string): Generator<Statement> {
  for (let at = after(BLANK, text, 0); at < text.length; at = after(BLANK, text, at)) {
    if (text[at] === '[') {
      yield heading(text, at);
      at = endOfTable(text, at);
      continue;
    }
    const keyEnd = after(KEY, text, at);
    const valueStart = after(/[ \t]*/y, text, endOfKey(text, keyEnd) + 1);
    const { end, elements } = value(text, valueStart);
    yield { key: text.slice(at, keyEnd), start: at, valueStart, valueEnd: end, elements };
    at = end;
  }
}

function heading(text: string, start: number): Statement {
  const keyStart = after(/[[ \t]*/y, text, start);
  const key = text.slice(keyStart, after(KEY, text, keyStart));
  return { key, start, valueStart: start, valueEnd: endOfLine(text, start), elements: [] };
}

/** The end of what belongs to a heading: the next heading, or the end of the text. */
function endOfTable(text: string, start: number): number {
  let at = after(BLANK, text, endOfLine(text, start));
  while (at < text.length && text[at] !== '[') {
    const valueStart = after(/[ \t]*/y, text, endOfKey(text, at) + 1);
    at = after(BLANK, text, value(text, valueStart).end);
  }
  return at;
}

/** The equals sign behind a key that may have dots and quotes. */
function endOfKey(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '=') at = Math.max(at + 1, after(KEY, text, at));
  return at;
}

function value(text: string, start: number): { readonly end: number; readonly elements: readonly number[] } {
  if (text[start] !== '[') return { end: endOfValue(text, start), elements: [] };
  const elements: number[] = [];
  let at = after(BETWEEN, text, start + 1);
  while (at < text.length && text[at] !== ']') {
    elements.push(at);
    at = after(BETWEEN, text, endOfValue(text, at));
  }
  return { end: at + 1, elements };
}

/** The end of a value: of a string, of what brackets hold, or of the word or number. */
function endOfValue(text: string, start: number): number {
  const isOpen = text[start] === '[' || text[start] === '{';
  if (!isOpen) {
    const end = after(STRING, text, start);
    return end > start ? end : start + text.slice(start, after(PLAIN, text, start)).trimEnd().length;
  }
  let depth = 0;
  let at = start;
  do {
    if (text[at] === '[' || text[at] === '{') depth++;
    if (text[at] === ']' || text[at] === '}') depth--;
    const next = Math.max(after(STRING, text, at), after(BLANK, text, at));
    at = next > at ? next : at + 1;
  } while (depth > 0 && at < text.length);
  return at;
}

function endOfLine(text: string, start: number): number {
  return after(/[^\r\n]*/y, text, start);
}

/** The end of what a sticky expression matches at an offset; the offset itself if it does not. */
function after(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  const match = expression.exec(text);
  return match === null ? at : at + match[0].length;
}
