/** The notices of the broker as lines of the plain protocol. They begin with `* `, which no delivered line does. */
import { type CodedNotice, noticeText } from '../shared/codes/notice-texts.ts';
import type { SessionEndCode } from '../shared/codes/session-ends.ts';
import { shownName } from './strict/stand-ins.ts';

const encoder = new TextEncoder();
/** A name is shown up to this length. */
const MAX_SHOWN_BYTES = 256;

/** What the broker tells a peer: a notice, or why its session ends. A SessionError is one of the latter. */
export type Notice =
  | CodedNotice
  | { readonly code: SessionEndCode; readonly message: string; readonly retry?: number | undefined };

/** A notice as the bytes of one or more lines, each with its LF. */
export function noticeLine(notice: Notice): Uint8Array {
  const text = 'message' in notice ? notice.message : noticeText(notice, shownText);
  return encoder.encode(`* ${text.replaceAll('\n', '\n* ')}\n`);
}

/**
 * A name as it is shown in a notice. A destination can be as long as a line, and the notice about it must not. The cut
 * is where a character begins.
 */
export function shownText(name: Uint8Array): string {
  if (name.length <= MAX_SHOWN_BYTES) return textOf(shownName(name));
  let end = MAX_SHOWN_BYTES;
  while (end > 0 && ((name[end] as number) & 0xc0) === 0x80) end--;
  return `${textOf(shownName(name.subarray(0, end)))}…`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
