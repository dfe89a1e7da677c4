/**
 * Ranges of numbers that no record in the store has: a crash left them out, or their messages were never stored. If
 * they were not known, the deletion of a few records on both sides of such a range would ask the store for millions.
 */

/** A shorter range is not worth an entry. */
const LEAST_GAP = 1024;
/** More ranges are not kept: each is of another crash while the same mail waits. */
const MAX_GAPS = 256;

/** The numbers from `from` to before `to`. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The gaps of one mailbox. */
export class Gaps {
  #gaps: readonly Gap[] = [];

  /** No record has a number from `from` to before `to`, if there are any. */
  add(from: number, to: number): void {
    const before = this.#gaps.find((gap) => gap.to === from);
    if (to > from && before !== undefined) {
      this.#gaps = this.#gaps.map((gap) => (gap === before ? { from: gap.from, to } : gap));
    } else if (to - from >= LEAST_GAP && this.#gaps.length < MAX_GAPS) this.#gaps = [...this.#gaps, { from, to }];
  }

  /** A record with this number is put. */
  fill(number: number): void {
    if (this.behind(number) === number) return;
    this.#gaps = this.#gaps.flatMap(({ from, to }) => {
      if (number < from || number >= to) return [{ from, to }];
      return [
        { from, to: number },
        { from: number + 1, to },
      ];
    });
  }

  /** @returns the first number from `number` on that a record may have */
  behind(number: number): number {
    const gap = this.#gaps.find(({ from, to }) => from <= number && number < to);
    return gap === undefined ? number : this.behind(gap.to);
  }

  /** No record has a number below `to` any more. */
  forgetBelow(to: number): void {
    if (this.#gaps.length > 0) this.#gaps = this.#gaps.filter((gap) => gap.to > to);
  }
}

/** Whether so many messages may have a gap between them, so that it is worth looking. */
export function mayHaveGaps({ from, to }: Gap, count: number): boolean {
  return to - from - count >= LEAST_GAP;
}
