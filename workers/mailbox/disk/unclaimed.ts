/**
 * Records that nobody claims. After a crash of a shard, records with numbers that were handed out are of mail that its
 * writers have. But the life before may have dropped some of it before it was handed out, as a purge does, and may have
 * crashed before that was written.
 *
 * What must be true (I14): such a record is deleted when no writer has mail of its name in its hands and none has
 * returned it, and before what was returned can be read from the store.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import { FRAME_NUMBER, type Frames, forEachFrame } from '../../../src/shared/wire/frames/frames.ts';
import { isInNoHands, type Name } from '../../names/name.ts';
import type { Removal } from './removal.ts';

export class Unclaimed {
  readonly #removal: Pick<Removal, 'deleteUnread'>;
  /** By name: the numbers of records that a writer may have. There are no more of them than fit into its window. */
  readonly #numbers = new Map<Name, Set<number>>();
  /** Whether all that writers had returned to the life before, and that was lost, has come again. */
  #begun = false;

  constructor(removal: Pick<Removal, 'deleteUnread'>) {
    this.#removal = removal;
  }

  /** The store has records with these numbers, which had been handed out. */
  found(name: Name, numbers: readonly number[]): void {
    if (numbers.length > 0) this.#numbers.set(name, new Set(numbers));
  }

  /** A writer has returned mail of the name. */
  returned(name: Name, runs: readonly Frames[]): void {
    const numbers = this.#numbers.get(name);
    if (numbers === undefined) return;
    for (const run of runs) {
      forEachFrame(run, (_at, _length, header) => {
        numbers.delete(widen(run.headers[header + FRAME_NUMBER] as number, name.nextNumber));
      });
    }
  }

  begin(): void {
    this.#begun = true;
    for (const name of [...this.#numbers.keys()]) this.settle(name);
  }

  /** Deletes what nobody has claimed, if no writer can have it. Records of what was written are deleted already. */
  settle(name: Name): void {
    const numbers = this.#numbers.get(name);
    if (!this.#begun || numbers === undefined || !isInNoHands(name)) return;
    this.forget(name);
    const { mailbox } = name;
    if (mailbox !== undefined) for (const number of numbers) this.#removal.deleteUnread(name, mailbox, number);
  }

  forget(name: Name): void {
    this.#numbers.delete(name);
  }
}
