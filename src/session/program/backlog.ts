/**
 * What a program is owed: outcomes of its messages, answers to its questions, and answers that its socket does not take
 * yet. While that is too much, the session reads nothing more from it. So every answer can be kept, and the memory for
 * them has a bound.
 */
import type { Turns } from '../reader/turns.ts';

/** Requests that are not answered yet. */
interface Unanswered {
  readonly full: boolean;
}

/** So many bytes of answers may wait for a socket before the session stops reading. */
export const MAX_WAITING_ANSWER_BYTES = 64 * 1024;

/** The backlog of one program. */
export class Backlog {
  readonly #sends: Unanswered;
  readonly #questions: Unanswered;
  readonly #answers: { readonly bytes: number };
  readonly #turns: Pick<Turns, 'atEnd'>;
  #resume: (() => void) | undefined;

  /** @param answers those that wait for the socket */
  constructor(
    sends: Unanswered,
    questions: Unanswered,
    answers: { readonly bytes: number },
    turns: Pick<Turns, 'atEnd'>,
  ) {
    this.#sends = sends;
    this.#questions = questions;
    this.#answers = answers;
    this.#turns = turns;
  }

  /** Whether the session must read nothing more. */
  get isFull(): boolean {
    return this.#sends.full || this.#questions.full || this.#answers.bytes > MAX_WAITING_ANSWER_BYTES;
  }

  /** Calls `resume` once, when the backlog is not full any more. */
  waitFor(resume: () => void): void {
    this.#resume = resume;
  }

  /** Withdraws `resume`, which is not called any more then. */
  forget(): void {
    this.#resume = undefined;
  }

  /** The backlog has become smaller. */
  shrunk(): void {
    if (this.#resume === undefined || this.isFull) return;
    this.#turns.atEnd(() => {
      const resume = this.#resume;
      this.#resume = undefined;
      resume?.();
    });
  }
}
