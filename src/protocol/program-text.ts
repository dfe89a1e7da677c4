/**
 * Frames of programs as lines for plain peers: a text as it is, of several lines as several, and any other JSON in its
 * shortest form. Control characters get stand-ins, so that no line looks like one of another sender, or like a notice.
 */
import { bodyOffsetOf, FRAME_BODY, FROM_PROGRAM, type Frames, forEachFrame } from '../shared/wire/frames/frames.ts';
import { bodyStartOf } from '../shared/wire/frames/message-head.ts';
import type { EncodedFrames } from './protocol.ts';
import { putShown, shownLength } from './strict/stand-ins.ts';

const LF = Buffer.from('\n');
const LINE_END = /\r\n|\n|\r/;
/**
 * A text becomes no more lines than this. The name of the sender stands before each, so a text of line ends alone could
 * become a hundred times as long. Further line ends get a stand-in, as control characters do.
 */
export const MAX_SHOWN_LINES = 64;

/** @returns frames as a plain peer reads them; those of plain peers stay as they are */
export function plainFrames(frames: Frames): EncodedFrames {
  const parts: Uint8Array[] = [];
  const ends = new Int32Array(frames.count);
  let length = 0;
  let index = 0;
  forEachFrame(frames, (at, frameLength, header) => {
    const kind = frames.headers[header + FRAME_BODY] as number;
    const frame = frames.bytes.subarray(at, at + frameLength);
    const shown = plainFrame(frame, kind);
    parts.push(shown);
    length += shown.length;
    ends[index++] = length;
  });
  return { bytes: Buffer.concat(parts, length), ends };
}

/** @returns one frame as a plain peer reads it. @param body the word FRAME_BODY of its header */
export function plainFrame(frame: Uint8Array, body: number): Uint8Array {
  return (body & FROM_PROGRAM) === 0 ? frame : shownFrame(frame, bodyOffsetOf(body));
}

function shownFrame(frame: Uint8Array, body: number): Uint8Array {
  const prefix = frame.subarray(0, body);
  const json = Buffer.from(frame.subarray(bodyStartOf(frame, body, frame.length), frame.length - 1)).toString();
  const parts: Uint8Array[] = [];
  const lines = textOf(json).split(LINE_END);
  if (lines.length > MAX_SHOWN_LINES) lines.push(lines.splice(MAX_SHOWN_LINES - 1).join('\n'));
  for (const line of lines) parts.push(prefix, shownLine(Buffer.from(line)), LF);
  return Buffer.concat(parts);
}

/**
 * The text of a body, which was checked when it was sent. It stays as it is if it is so deep that it cannot be written
 * anew, or if a store that is damaged has changed it.
 */
function textOf(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return json;
  }
}

function shownLine(line: Uint8Array): Uint8Array {
  const shown = new Uint8Array(shownLength(line, 0, line.length));
  putShown(line, 0, line.length, shown, 0);
  return shown;
}
