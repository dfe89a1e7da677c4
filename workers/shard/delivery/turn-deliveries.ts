/**
 * The frames of this turn that go straight to peers. Each peer gets its frames of all posts of the turn in one
 * delivery. (One delivery a post made a fan-out half as fast: there is one write to the socket a delivery, and that is
 * what costs.) No object is made for a frame: the frames of a name are a linked list of indices into flat arrays.
 *
 * What must be true: the batches that frames were added from stay readable until `finish`.
 */

import { copyText, type Memory } from '../../../src/shared/memory/memory.ts';
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
} from '../../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';
import { beginDelivered } from '../../../src/shared/wire/to-main.ts';
import { takeNumber } from '../../names/frame-numbers.ts';
import type { Name, Owned } from '../../names/name.ts';

const FIRST_CAPACITY = 1024;
/** Where a burst needed more capacity than this, it is given up again. */
const KEPT_CAPACITY = 65_536;
const NONE = -1;

/** A name, with the fields that list its frames of this turn. */
type TurnName = Owned<'firstTurnFrame' | 'lastTurnFrame' | 'turnFrames' | 'turnBytes' | 'firstTurnNumber'>;

export class TurnDeliveries {
  /** The memory of the batches that the frames are in; `#batch` says which of them, for each frame. */
  readonly #batches: Memory[] = [];
  #lastBatch: Memory | undefined;
  #batch = new Int32Array(FIRST_CAPACITY);
  #next = new Int32Array(FIRST_CAPACITY);
  #at = new Int32Array(FIRST_CAPACITY);
  #length = new Int32Array(FIRST_CAPACITY);
  #body = new Int32Array(FIRST_CAPACITY);
  #used = 0;
  #bytes = 0;
  readonly #touched: Name[] = [];

  /** The bytes of all frames that were added in this turn. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the frame of `message` to those for the holder of `name`, with the next number of the name. */
  add(name: TurnName, message: MessageRecord): void {
    const index = this.#used++;
    if (index === this.#next.length) this.#resize(index * 2);
    if (this.#lastBatch !== message.memory) {
      this.#lastBatch = message.memory;
      this.#batches.push(message.memory);
    }
    this.#batch[index] = this.#batches.length - 1;
    this.#next[index] = NONE;
    this.#at[index] = message.frameAt;
    this.#length[index] = message.frameLength;
    this.#body[index] = message.bodyOffset;
    const number = takeNumber(name);
    if (name.firstTurnFrame === NONE) {
      name.firstTurnFrame = index;
      name.firstTurnNumber = number;
      this.#touched.push(name);
    } else this.#next[name.lastTurnFrame] = index;
    name.lastTurnFrame = index;
    name.turnFrames++;
    name.turnBytes += message.frameLength;
    this.#bytes += message.frameLength;
  }

  /** Puts the delivery of the frames of `name` into `out`, if it has any. @returns how many they are */
  deliver(name: TurnName, out: BatchBuilder): number {
    const { holder, turnFrames } = name;
    if (name.firstTurnFrame === NONE || holder === undefined) return 0;
    let header = beginDelivered(out, holder.number, turnFrames, name.turnBytes);
    let number = name.firstTurnNumber;
    let byte = (header + turnFrames * FRAME_HEADER_WORDS) << 2;
    for (let index = name.firstTurnFrame; index !== NONE; index = this.#next[index] as number) {
      const at = this.#at[index] as number;
      const length = this.#length[index] as number;
      out.words[header + FRAME_LENGTH] = length;
      out.words[header + FRAME_BODY] = this.#body[index] as number;
      out.words[header + FRAME_HELD_AT] = 0;
      out.words[header + FRAME_NUMBER] = number++;
      copyText(this.#batches[this.#batch[index] as number] as Memory, at, out.memory, byte, length);
      header += FRAME_HEADER_WORDS;
      byte += length;
    }
    name.firstTurnFrame = NONE;
    name.turnFrames = 0;
    name.turnBytes = 0;
    return turnFrames;
  }

  /** Calls `deliver` for every name that has frames, and forgets the batches. */
  finish(deliver: (name: Name) => void): void {
    for (const name of this.#touched) deliver(name);
    this.#touched.length = 0;
    this.#batches.length = 0;
    this.#lastBatch = undefined;
    this.#used = 0;
    this.#bytes = 0;
    if (this.#next.length > KEPT_CAPACITY) this.#resize(FIRST_CAPACITY);
  }

  #resize(capacity: number): void {
    const resized = (old: Int32Array) => {
      const fresh = new Int32Array(capacity);
      fresh.set(old.subarray(0, Math.min(capacity, old.length)));
      return fresh;
    };
    this.#batch = resized(this.#batch);
    this.#next = resized(this.#next);
    this.#at = resized(this.#at);
    this.#length = resized(this.#length);
    this.#body = resized(this.#body);
  }
}
