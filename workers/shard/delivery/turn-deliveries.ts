/**
 * The frames that go straight to peers in this turn of the event loop. Each peer gets one delivery a turn, with its
 * frames of all posts. (One delivery for each post made a fan-out half as fast, because each delivery is one write to a
 * socket.) The frames of a name are a linked list of indices into flat arrays, so that no object is made for a frame.
 *
 * What must be true: the batches that frames were added from stay readable until `finish`. Those of frames that are
 * delivered in place stay so until the main thread reads `released`.
 */
import { copyText, type Memory } from '../../../src/shared/memory/memory.ts';
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
} from '../../../src/shared/wire/frames/frames.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';
import type { AttachmentNumber } from '../../../src/shared/wire/records.ts';
import {
  beginDelivered,
  beginDeliveredInPlace,
  deliveredInPlaceSize,
  deliveredSize,
} from '../../../src/shared/wire/to-main.ts';
import { takeNumber } from '../../names/frame-numbers.ts';
import type { Name, Owned } from '../../names/name.ts';

const FIRST_CAPACITY = 1024;
/** Arrays that a burst has made larger than this are made small again after the turn. */
const KEPT_CAPACITY = 65_536;
const NONE = -1;

/** Which frames are delivered in place, which means that they are not copied. */
export interface InPlace {
  /** The memory that the main thread shares. */
  readonly arena: Memory;
  /** The least size of the frames of a delivery, on average, in bytes. */
  readonly leastBytes: number;
}

/** A name, with write access to the fields that list its frames of this turn. */
type TurnName = Owned<'firstTurnFrame' | 'lastTurnFrame' | 'turnFrames' | 'turnBytes' | 'firstTurnNumber'>;

export class TurnDeliveries {
  /** The memory of each batch that has a frame of this turn. `#batch` has the index of the batch, by frame. */
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
  readonly #inPlace: InPlace | undefined;
  #hasInPlace = false;

  /** @param inPlace without it all frames are copied */
  constructor(inPlace?: InPlace) {
    this.#inPlace = inPlace;
  }

  /** The bytes of all frames of this turn. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the frame of `message` to the delivery for the holder of `name`, and gives it the next number of the name. */
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
    this.#body[index] = message.body;
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

  /** Puts the delivery for the holder of `name` into `out`, if there is one. @returns the number of its frames */
  deliver(name: TurnName, out: BatchBuilder): number {
    const { holder, turnFrames } = name;
    if (name.firstTurnFrame === NONE || holder === undefined) return 0;
    if (this.#liesInArena(name)) this.#deliverInPlace(name, holder.number, out);
    else this.#deliverCopies(name, holder.number, out);
    name.firstTurnFrame = NONE;
    name.turnFrames = 0;
    name.turnBytes = 0;
    return turnFrames;
  }

  /** @returns the size in bytes of the delivery for the holder of `name` */
  sizeOf(name: Name): number {
    const { turnFrames, turnBytes } = name;
    return this.#liesInArena(name) ? deliveredInPlaceSize(turnFrames) : deliveredSize(turnFrames, turnBytes);
  }

  /** @returns whether anything was delivered in place since the last call */
  takeInPlace(): boolean {
    const has = this.#hasInPlace;
    this.#hasInPlace = false;
    return has;
  }

  /** Whether the frames of `name` are large, and all frames of this turn lie in the arena. */
  #liesInArena({ turnBytes, turnFrames }: Name): boolean {
    const inPlace = this.#inPlace;
    if (inPlace === undefined || turnBytes < turnFrames * inPlace.leastBytes) return false;
    return this.#batches.length === 1 && this.#lastBatch === inPlace.arena;
  }

  #deliverCopies(name: Name, attachment: AttachmentNumber, out: BatchBuilder): void {
    const { turnFrames, turnBytes } = name;
    let header = beginDelivered(out, attachment, turnFrames, turnBytes);
    let byte = (header + turnFrames * FRAME_HEADER_WORDS) << 2;
    let number = name.firstTurnNumber;
    for (let index = name.firstTurnFrame; index !== NONE; index = this.#next[index] as number) {
      const at = this.#at[index] as number;
      const length = this.#length[index] as number;
      this.#putHeader(out.words, header, index, number++);
      copyText(this.#batches[this.#batch[index] as number] as Memory, at, out.memory, byte, length);
      header += FRAME_HEADER_WORDS;
      byte += length;
    }
  }

  #deliverInPlace(name: Name, attachment: AttachmentNumber, out: BatchBuilder): void {
    const { turnFrames, turnBytes } = name;
    let header = beginDeliveredInPlace(out, attachment, turnFrames, turnBytes);
    let place = header + turnFrames * FRAME_HEADER_WORDS;
    let number = name.firstTurnNumber;
    for (let index = name.firstTurnFrame; index !== NONE; index = this.#next[index] as number) {
      this.#putHeader(out.words, header, index, number++);
      out.words[place++] = this.#at[index] as number;
      header += FRAME_HEADER_WORDS;
    }
    this.#hasInPlace = true;
  }

  #putHeader(words: Int32Array, header: number, index: number, number: number): void {
    words[header + FRAME_LENGTH] = this.#length[index] as number;
    words[header + FRAME_BODY] = this.#body[index] as number;
    words[header + FRAME_HELD_AT] = 0;
    words[header + FRAME_NUMBER] = number;
  }

  /** Calls `deliver` for every name that has frames, and drops the references to the batches. */
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
