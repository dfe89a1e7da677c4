/** The samples of the last ten minutes. What MUST hold: they are in order, none is there twice, and they are few. */
import { Store } from '../../parts/store.ts';
import type { Sample } from '../api/answers.ts';
import { happeningsOf } from './happenings.ts';

/** The broker keeps as many. */
export const MAX_SAMPLES = 600;

export class Samples {
  /** All, oldest first. It is another array after each change. */
  readonly all = new Store<readonly Sample[]>([]);
  /** What is worth being said of the last change. */
  readonly said = new Store('');

  get last(): Sample | undefined {
    return this.all.value.at(-1);
  }

  /** Takes what the broker keeps in place of what was known: a broker that has begun anew knows less. */
  fill(samples: readonly Sample[]): void {
    this.#tell(samples.at(-1));
    this.all.set(samples.slice(-MAX_SAMPLES));
  }

  /** Takes one more. One that is known already is left out. */
  add(sample: Sample): void {
    const { last } = this;
    if (last !== undefined && sample.at <= last.at) return;
    this.#tell(sample);
    this.all.set([...this.all.value.slice(1 - MAX_SAMPLES), sample]);
  }

  #tell(next: Sample | undefined): void {
    const text = this.last === undefined || next === undefined ? '' : happeningsOf(this.last, next);
    if (text !== '') this.said.set(text);
  }
}
