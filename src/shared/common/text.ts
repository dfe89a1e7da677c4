/** Names, lines and times as people read them, and commands as they type them. */

/**
 * Characters that a terminal obeys rather than shows: control characters, line ends, and marks that change the
 * direction of the text.
 */
const UNSHOWN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Whether npm has installed this code as a package. Then the scripts of package.json are not at hand. */
const INSTALLED = import.meta.url.includes('/node_modules/restante/');

/** @returns the text with such characters as escape sequences */
export function escaped(text: string): string {
  return text.replace(UNSHOWN, (char) => SHORT[char] ?? hexEscape(char.codePointAt(0) ?? 0));
}

/**
 * It takes time in proportion to the text, which may come from a stranger.
 * @returns the text with `…` for the user and the password of an address, as in `https://bob:secret@host`
 */
export function withoutUser(text: string): string {
  return text.replace(/[^\s"',]+/g, (word, offset: number) => {
    const host = word.lastIndexOf('@');
    const user = word.indexOf('//') + 2;
    if (host < 0 || (user < 2 && offset > 0)) return word;
    return user < 2 || user > host ? `…${word.slice(host)}` : `${word.slice(0, user)}…${word.slice(host)}`;
  });
}

/** @returns the bytes of a name or a line, decoded from UTF-8 */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

/** @returns the bytes of a name or a line, decoded and escaped */
export function shown(bytes: Uint8Array): string {
  return escaped(textOf(bytes));
}

/** @returns a time in ISO 8601. @param seconds whole seconds since 1970 */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** @returns a count with its noun, such as `1 message` or `2,000 messages` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** @returns how a user runs a program of the project, without the arguments */
export function commandFor(program: 'serve' | 'health' | 'mail' | 'swarm' | 'config' | 'reload'): string {
  if (INSTALLED) return `restante ${program}`;
  if (program === 'serve') return 'npm start --';
  return program === 'config' || program === 'reload' ? `npm run restante -- ${program}` : `npm run ${program} --`;
}

function hexEscape(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
