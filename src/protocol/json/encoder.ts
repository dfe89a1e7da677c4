/** Turns frames and notices into the objects of the program protocol. Each session has its own encoder. */
import { widen } from '../../shared/common/serial-arithmetic.ts';
import {
  bodyOffsetOf,
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
  FRAME_PREFIX_BYTES,
  FROM_PROGRAM,
  type Frames,
  frameWord,
  REDELIVERED,
} from '../../shared/wire/frames/frames.ts';
import type { Notice } from '../notice-line.ts';
import type { EncodedFrames, ProgramEncoder } from '../protocol.ts';
import type { JsonText } from './json-text.ts';
import { noticeObject, type ToldAtWelcome } from './notice-object.ts';

const MILLISECONDS = 1000;
const MESSAGE_BEGINS = Buffer.from('{"type":"message","seq":');
const FROM = Buffer.from(',"from":');
const COMMA = Buffer.from(',');
const TIME = Buffer.from('"time":');
const BODY = Buffer.from('"body":');
const HELD = Buffer.from(',"held":true');
const AGAIN = Buffer.from(',"redelivered":true');
const MESSAGE_ENDS = Buffer.from('}\n');

/** The encoder of one program. */
export class JsonEncoder implements ProgramEncoder {
  readonly #text: JsonText;
  #told: ToldAtWelcome;
  #takeBefore: (() => Uint8Array | undefined) | undefined;
  /** The full number of the last frame. Frames have the lower half of their numbers alone. */
  #last = 0;

  /** @param text where objects are put together; all sessions share one */
  constructor(text: JsonText, told: ToldAtWelcome) {
    this.#text = text;
    this.#told = told;
  }

  precede(take: () => Uint8Array | undefined): void {
    this.#takeBefore = take;
  }

  get lastNumber(): number {
    return this.#last;
  }

  continueBehind(number: number): void {
    this.#last = number;
  }

  grant(windowMessages: number): void {
    const { ping, limits } = this.#told;
    this.#told = { ping, limits: { ...limits, window: windowMessages } };
  }

  encodes(): boolean {
    return true;
  }

  encode(frames: Frames): EncodedFrames {
    const text = this.#text;
    const ends = new Int32Array(frames.count);
    text.begin();
    const before = this.#takeBefore?.();
    if (before !== undefined) text.put(before);
    let at = 0;
    for (let index = 0; index < frames.count; index++) {
      const length = frameWord(frames, index, FRAME_LENGTH);
      this.#message(frames, index, at, length);
      ends[index] = text.length;
      at += length;
    }
    return { bytes: text.bytes, ends };
  }

  #message(frames: Frames, index: number, at: number, length: number): void {
    const text = this.#text;
    const { bytes, headers } = frames;
    const header = index * FRAME_HEADER_WORDS;
    const kind = headers[header + FRAME_BODY] as number;
    const heldAt = (headers[header + FRAME_HELD_AT] as number) >>> 0;
    const body = at + bodyOffsetOf(kind);
    const end = at + length - 1; // without the LF
    this.#last = widen(headers[header + FRAME_NUMBER] as number, this.#last);
    text.put(MESSAGE_BEGINS);
    text.putNumber(this.#last);
    text.put(FROM);
    text.putText(bytes, at + FRAME_PREFIX_BYTES.before, body - FRAME_PREFIX_BYTES.behind);
    text.put(COMMA);
    if ((kind & FROM_PROGRAM) !== 0) text.putProgramMessage(bytes, body, end);
    else {
      if (heldAt !== 0) {
        text.put(TIME);
        text.putNumber(heldAt * MILLISECONDS);
        text.put(COMMA);
      }
      text.put(BODY);
      text.putText(bytes, body, end);
    }
    if (heldAt !== 0) text.put(HELD);
    if ((kind & REDELIVERED) !== 0) text.put(AGAIN);
    text.put(MESSAGE_ENDS);
  }

  notice(notice: Notice): Uint8Array {
    return Buffer.from(`${textOf(notice, this.#told)}\n`);
  }
}

/** Most notices are of a message that is accepted for one name. To make an object of that would take twice the time. */
function textOf(notice: Notice, told: ToldAtWelcome): string {
  if (notice.code === 'ACCEPTED' && notice.to.length === 1) {
    const [[name, outcome] = ['', '']] = notice.to;
    const to = `{${JSON.stringify(name)}:"${outcome}"}`;
    return `{"type":"accepted","id":${JSON.stringify(notice.id)},"to":${to},"duplicate":${notice.duplicate}}`;
  }
  return JSON.stringify(noticeObject(notice, told));
}
