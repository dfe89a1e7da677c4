/**
 * The program at the other end of a simulated connection: what its writer was handed and what of that is done, what it
 * has got, and what it says to that.
 */

import { since } from '../../../src/shared/common/serial-arithmetic.ts';
import { FRAME_NUMBER, type Frames, forEachFrame } from '../../../src/shared/wire/frames/frames.ts';
import type { DroppedState } from '../../../src/shared/wire/records.ts';

/**
 * What became of a message at last: it was written to a peer that acknowledges nothing, or a program has said so, or
 * its time was over.
 */
export type DoneState = 'acked' | 'rejected' | DroppedState;

/** Messages that are done with, as text. */
export interface Done {
  readonly text: string;
  readonly state: DoneState;
}

/** The parts of the answers of the broker that are looked at. */
export interface Told {
  readonly type: string;
  readonly id?: string;
  readonly to?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly state?: DoneState;
  readonly here?: boolean;
}

/** A frame and its number, modulo 2^32. */
interface Handed {
  readonly text: string;
  readonly number: number;
}

export class SimProgram {
  /** How many messages it may have unacknowledged. */
  readonly windowMessages: number;
  /** The ids of its requests that must be answered. */
  readonly requests: string[] = [];
  /** The names that it watches. */
  readonly watched = new Set<string>();
  /** All that the kernel took for it. */
  readonly #taken: () => string;
  /** The frames that its writer was handed and that are not done, oldest first. */
  readonly #open: Handed[] = [];
  #news: Done[] = [];
  #doneCount = 0;
  /** The number up to which it has acknowledged, or is about to. */
  #acked: number | undefined;
  /** The numbers that it has rejected, or is about to, modulo 2^32. */
  readonly #rejected = new Set<number>();
  /** How much of what the kernel took was read for answers. */
  #readBytes = 0;

  constructor(windowMessages: number, taken: () => string) {
    this.windowMessages = windowMessages;
    this.#taken = taken;
  }

  /**
   * Notes frames that are about to go to its writer.
   * @param writtenFrames how many frames the writer counts as written
   * @throws if it may not have so many
   */
  noteHanded(frames: Frames, text: string, writtenFrames: number): void {
    forEachFrame(frames, (at, length, header) => {
      const number = frames.headers[header + FRAME_NUMBER] as number;
      this.#open.push({ text: text.slice(at, at + length), number });
    });
    const unacknowledged = this.#doneCount + this.#open.length - writtenFrames;
    if (unacknowledged > this.windowMessages) throw new Error(`${unacknowledged} messages to acknowledge`);
  }

  /** The broker counts this message as rejected. @throws if the program has not rejected it */
  noteRejected(number: number): void {
    const at = this.#open.findIndex((each) => each.number === number);
    const [frame] = this.#open.splice(at, at < 0 ? 0 : 1);
    if (frame === undefined || !this.#rejected.has(number)) throw new Error(`${number} was not rejected`);
    this.#done(frame, 'rejected');
  }

  /**
   * What is done with since the last call.
   * @param writtenFrames how many frames the writer counts as written
   * @throws if one of them is neither acknowledged nor rejected
   */
  takeDone(writtenFrames: number): Done[] {
    while (this.#doneCount < writtenFrames) {
      const frame = this.#open.shift();
      if (frame === undefined || this.#acked === undefined || since(frame.number, this.#acked | 0) > 0)
        throw new Error(`${frame?.number} counts as written, and was not acknowledged`);
      this.#done(frame, 'acked');
    }
    if (this.#doneCount > writtenFrames) throw new Error('a message was rejected, and does not count as written');
    return this.#news.splice(0);
  }

  #done({ text }: Handed, state: DoneState): void {
    this.#doneCount++;
    this.#news.push({ text, state });
  }

  /** The numbers of the messages that it has got, in their order. */
  get #got(): number[] {
    const got = [...this.#taken().matchAll(/^\{"type":"message","seq":(\d+),.*$/gm)].map(([, seq]) => Number(seq));
    if (got.some((each, i) => each <= (got[i - 1] ?? 0))) throw new Error(`got ${got}`);
    return got;
  }

  /** The numbers of those that it has neither acknowledged nor rejected. */
  get #fresh(): number[] {
    return this.#got.filter((number) => number > (this.#acked ?? 0) && !this.#rejected.has(number | 0));
  }

  /** Whether it has got a message that it has neither acknowledged nor rejected. */
  get hasMore(): boolean {
    return this.#fresh.length > 0;
  }

  /** It acknowledges a message that it has got, and all before it. @returns the line; undefined if it has got none */
  acks(choose: (numbers: readonly number[]) => number): string | undefined {
    return this.#ack(this.#got, choose);
  }

  /** It acknowledges half of what it has got and not acknowledged. */
  acksHalf(): string | undefined {
    return this.#ack(this.#fresh, middleOf);
  }

  #ack(numbers: readonly number[], choose: (numbers: readonly number[]) => number): string | undefined {
    if (numbers.length === 0) return undefined;
    const number = choose(numbers);
    this.#acked = Math.max(this.#acked ?? 0, number);
    return `${JSON.stringify({ type: 'ack', seq: number })}\n`;
  }

  /** It rejects the message in the middle of those that it has got and not acknowledged. */
  rejects(): string | undefined {
    const numbers = this.#fresh;
    if (numbers.length === 0) return undefined;
    const number = middleOf(numbers);
    this.#rejected.add(number | 0);
    return `${JSON.stringify({ type: 'reject', seq: number })}\n`;
  }

  /** What the broker has told it since the last call, beside messages. */
  takeTold(): Told[] {
    const taken = this.#taken();
    if (taken.length === this.#readBytes) return [];
    const end = taken.lastIndexOf('\n') + 1;
    const news = taken.slice(this.#readBytes, end);
    this.#readBytes = end;
    const lines = news.match(/^\{"type":"(?!message).*$/gm) ?? [];
    return lines.map((line): Told => JSON.parse(line));
  }
}

function middleOf(numbers: readonly number[]): number {
  return numbers[numbers.length >> 1] ?? 0;
}
