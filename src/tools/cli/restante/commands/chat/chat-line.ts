/** What a person types in a chat. */

/** One line. */
export type ChatLine =
  | { readonly kind: 'send'; readonly names: readonly string[]; readonly text: string }
  | { readonly kind: 'who'; readonly names: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong' };

/** Reads a line. */
export function readChatLine(line: string): ChatLine {
  const text = line.trim();
  if (text === '') return { kind: 'nothing' };
  if (text === '/quit') return { kind: 'quit' };
  if (text === '/help') return { kind: 'help' };
  const [command, ...asked] = text.split(/[\s,]+/);
  if (command === '/who' && asked.length > 0) return { kind: 'who', names: asked };
  const colon = text.indexOf(':');
  const names = text
    .slice(0, Math.max(0, colon))
    .split(',')
    .map((name) => name.trim());
  if (text.startsWith('/') || names.includes('')) return { kind: 'wrong' };
  const body = text.slice(colon + 1).trim();
  return body === '' ? { kind: 'nothing' } : { kind: 'send', names, text: body };
}

/** @returns the completions of the last name in a line, and the part of the line that they stand for */
export function completionsOf(line: string, seen: Iterable<string>): [string[], string] {
  const part = /^(?:\/who\s+|[^:]*,\s*)?([^:,/]*)$/.exec(line)?.[1];
  if (part === undefined) return [[], line];
  const end = line.startsWith('/') ? '' : ': ';
  return [[...seen].filter((name) => name.startsWith(part)).map((name) => `${name}${end}`), part];
}
