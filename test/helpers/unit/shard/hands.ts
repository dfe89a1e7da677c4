/** The frames in the hands of each writer of a shard in a unit test. */
import type { Frames } from '../../../../src/shared/wire/frames/frames.ts';
import { bodiesOf, heldAtOf, linesOf, numbersOf } from '../frames.ts';

/** What frames have: a line, the time when it was first held, a number, and the word FRAME_BODY. */
export type Handed = Pick<Hand, 'lines' | 'heldAt' | 'numbers' | 'bodies'>;

/** What one writer was handed. The lines before index `from` are written or returned. */
export interface Hand {
  readonly name: string;
  readonly lines: string[];
  readonly heldAt: number[];
  readonly numbers: number[];
  /** The word FRAME_BODY of each. */
  readonly bodies: number[];
  from: number;
  writtenFrames: number;
  writtenBytes: number;
  writtenNumber: number;
}

/** What the frames of a run have. */
export function handedOf(run: Frames): Handed {
  return { lines: linesOf(run), heldAt: heldAtOf(run), numbers: numbersOf(run), bodies: bodiesOf(run) };
}

const bytesOf = (lines: readonly string[]) => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

export class Hands {
  readonly #hands = new Map<number, Hand>();

  add(number: number, name: string): void {
    const written = { from: 0, writtenFrames: 0, writtenBytes: 0, writtenNumber: 0 };
    this.#hands.set(number, { name, lines: [], heldAt: [], numbers: [], bodies: [], ...written });
  }

  of(number: number): Hand {
    const hand = this.#hands.get(number);
    if (hand === undefined) throw new Error(`number ${number} was never attached`);
    return hand;
  }

  /** Writer `number` is handed frames. */
  take(number: number, { lines, heldAt, numbers, bodies }: Handed): void {
    const hand = this.of(number);
    hand.lines.push(...lines);
    hand.heldAt.push(...heldAt);
    hand.numbers.push(...numbers);
    hand.bodies.push(...bodies);
  }

  /** Writer `number` writes its next `count` frames, or all. */
  write(number: number, count: number): void {
    const hand = this.of(number);
    const written = hand.lines.slice(hand.from, hand.from + count);
    hand.from += written.length;
    hand.writtenFrames += written.length;
    hand.writtenBytes += bytesOf(written);
    hand.writtenNumber = hand.numbers[hand.from - 1] ?? 0;
  }

  /** Writer `number` returns all frames in its hands, without the last `inFlight`, which have not reached it yet. */
  giveBack(number: number, inFlight: number): Handed {
    const hand = this.of(number);
    const { from, heldAt, numbers, bodies } = hand;
    const lines = hand.lines.slice(from, hand.lines.length - inFlight);
    hand.from += lines.length;
    return { lines, heldAt: heldAt.slice(from), numbers: numbers.slice(from), bodies: bodies.slice(from) };
  }
}
