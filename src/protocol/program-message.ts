/**
 * The message of a frame that a program has sent: what the program said beside the body, a tab, and the body as JSON.
 *
 *     from alice: "id":"m-1","time":1764156000123,<TAB>"are you there?"
 *
 * The first part ends with `"expires"` if the message need not be delivered for ever (message-head.ts).
 *
 * For a program both parts are copied as they are. There is no tab in the first part, because JSON escapes tabs in
 * texts. As in every frame there is no LF in it.
 */

import { bodyStartOf, expiryText } from '../shared/wire/frames/message-head.ts';

/** What a program said of a message beside its body. */
export interface MessageHead {
  readonly id?: string | undefined;
  readonly re?: string | undefined;
  /** When it need not be delivered any more, in seconds since 1970. */
  readonly expires?: number | undefined;
}

/** @returns the first part of a message. @param time in milliseconds since 1970 */
export function messageHead({ id, re, expires }: MessageHead, time: number): string {
  const idPart = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  const rePart = re === undefined ? '' : `"re":${JSON.stringify(re)},`;
  const expiryPart = expires === undefined ? '' : expiryText(expires);
  return `${idPart}${rePart}"time":${time},${expiryPart}\t`;
}

/** @returns the id of a message at [start, end) of `bytes`; undefined if it has none */
export function idOfMessage(bytes: Uint8Array, start: number, end: number): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    'utf8',
    start,
    bodyStartOf(bytes, start, end),
  );
  // The first part ends with a comma and a tab, so that the body can follow it in an object.
  const { id } = JSON.parse(`{${head.slice(0, -2)}}`) as MessageHead;
  return id;
}
