/**
 * The last ten minutes of a broker, a sample a second. Samples are taken only between `begin` and `end`, so a broker
 * without HTTP takes none.
 */
import type { Sample } from './answers.ts';

/** As many samples are kept. */
export const HISTORY_SAMPLES = 600;
/** The time from one to the next. */
export const SAMPLE_SECONDS = 1;
/** The memory of a sample, and of each shard in it. */
export const SAMPLE_BYTES = 512;
export const SAMPLE_SHARD_BYTES = 256;

/** Is told each sample; undefined when there will be no more. */
export type SampleListener = (sample: Sample | undefined) => void;

export class History {
  readonly #take: () => Promise<Sample>;
  readonly #failed: (error: unknown) => void;
  readonly #samples: Sample[] = [];
  readonly #listeners = new Set<SampleListener>();
  #timer: NodeJS.Timeout | undefined;
  #isTaking = false;

  /** @param take takes a sample. While one is being taken no other is */
  constructor(take: () => Promise<Sample>, failed: (error: unknown) => void) {
    this.#take = take;
    this.#failed = failed;
  }

  /** The samples that are kept, oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Begins to take samples. */
  begin(): void {
    this.#timer ??= setInterval(() => void this.tick(), SAMPLE_SECONDS * 1000).unref();
  }

  /** Takes no more samples. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const listener of [...this.#listeners]) listener(undefined);
    this.#listeners.clear();
  }

  /** From now on `listener` is told each sample. @returns what ends that */
  listen(listener: SampleListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes a sample, unless a shard has not answered for the last one yet. */
  async tick(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      this.#add(await this.#take());
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isTaking = false;
    }
  }

  #add(sample: Sample): void {
    if (this.#samples.push(sample) > HISTORY_SAMPLES) this.#samples.shift();
    for (const listener of [...this.#listeners]) listener(sample);
  }
}
