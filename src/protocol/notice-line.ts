/** Every line that the broker itself says to a peer. It begins with `* `, which no delivered line does. */
import { type CodedNotice, noticeText } from '../shared/codes/notice-texts.ts';
import type { SessionEndCode } from '../shared/codes/session-ends.ts';
import { shownName } from './strict/stand-ins.ts';

const encoder = new TextEncoder();
const MAX_SHOWN_BYTES = 256;

/** What is told a peer: a notice, or why its session ends, which can be the error itself. */
export type Notice = CodedNotice | { readonly code: SessionEndCode; readonly message: string };

/** The notice as the bytes of one line, or of several, LF included. */
export function noticeLine(notice: Notice): Uint8Array {
  const text = 'message' in notice ? notice.message : noticeText(notice, shown);
  return encoder.encode(`* ${text.replaceAll('\n', '\n* ')}\n`);
}

/** A destination can be as long as a line: the notice about it need not be. Cut where a character begins. */
function shown(name: Uint8Array): string {
  if (name.length <= MAX_SHOWN_BYTES) return textOf(shownName(name));
  let end = MAX_SHOWN_BYTES;
  while (end > 0 && ((name[end] as number) & 0xc0) === 0x80) end--;
  return `${textOf(shownName(name.subarray(0, end)))}…`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
