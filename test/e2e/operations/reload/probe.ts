/** A broker whose settings a test changes while it runs. */
import type { Config } from '../../../../src/shared/common/config.ts';
import type { Log } from '../../../../src/shared/common/log/log.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';

/** A broker, and what it says to other settings. */
export class ChangingBroker implements AsyncDisposable {
  readonly test: TestBroker;
  readonly #next: { config: Partial<Config> };

  private constructor(test: TestBroker, next: { config: Partial<Config> }) {
    this.test = test;
    this.#next = next;
  }

  static async start(settings: Partial<Record<keyof Config, string | number>>, log?: Log): Promise<ChangingBroker> {
    const next: { config: Partial<Config> } = { config: {} };
    const test = await startBroker({ SHARDS: 1, ...settings }, log, async (config) => ({ ...config, ...next.config }));
    return new ChangingBroker(test, next);
  }

  /** Reloads with these values. @returns the names of what has changed, and of what needs a restart */
  async change(config: Partial<Config>): Promise<{ readonly changed: string[]; readonly needsRestart: string[] }> {
    this.#next.config = config;
    const outcome = await this.test.broker.reload();
    if (outcome.kind !== 'taken') throw new Error(`it was not taken: ${outcome.kind}`);
    // The limits of the shards are theirs by now: this call comes behind that of the reload.
    await this.test.broker.view.stats();
    const names = (changes: readonly { readonly name: string }[]) => changes.map(({ name }) => name);
    return { changed: names(outcome.changed), needsRestart: names(outcome.needsRestart) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.test[Symbol.asyncDispose]();
  }
}
