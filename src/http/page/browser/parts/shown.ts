/** Text of others, made safe to look at. It is text on the page in any case; this is about what it looks like. */

const PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';
const DELETE = 0x7f;

/** Control characters but TAB and LF, and the characters that turn or embed the direction of what follows them. */
const UNSEEN_IN_TEXT = /[\p{Cc}\u2028-\u202e]/gu;
/** In a name also the characters that cannot be seen at all: two names that look the same are not the same. */
const UNSEEN_IN_NAME = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/**
 * A message as it is shown. Marks and isolates of direction stay: languages need them, and they end with the element.
 */
export function shownText(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSEEN_IN_TEXT, (char) => (/[\t\n]/.test(char) ? char : pictureOf(char)));
}

/** A name as it is shown. */
export function shownName(name: string): string {
  return name.replace(UNSEEN_IN_NAME, pictureOf);
}

function pictureOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(PICTURES + code);
  if (code === DELETE) return PICTURE_OF_DELETE;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
