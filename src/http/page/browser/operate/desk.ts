/** What the parts of the half share while it is shown: the broker as it is, what is said aloud, and what is asked. */
import type { VNode } from 'preact';
import { Store } from '../parts/store.ts';
import type { Info } from './api/answers.ts';
import { access, ask } from './api/client.ts';
import { Live } from './api/live.ts';

/** How often the broker is asked for its limits. */
const INFO_MS = 5_000;

/** Something that is shown before anything else goes on. */
export interface Question {
  readonly title: VNode | string;
  readonly body: VNode;
  /** What is done if the answer is yes; undefined if nothing is asked. */
  readonly deed?: {
    readonly verb: string;
    /** Does it. @returns what was done, in a sentence */
    readonly run: () => Promise<string>;
  };
}

export class Desk {
  readonly live = new Live();
  readonly info = new Store<Info | undefined>(undefined);
  /** What a screen reader says. */
  readonly announced = new Store('');
  readonly question = new Store<Question | undefined>(undefined);
  readonly #end = new AbortController();

  /** Begins to follow the broker. @returns what ends that */
  begin(): () => void {
    const stops = [
      this.live.samples.said.follow(() => this.say(this.live.samples.said.value)),
      this.live.liveness.follow(() => this.#tellLiveness()),
      access.follow(() => void this.askInfo()),
    ];
    const timer = setInterval(() => void this.askInfo(), INFO_MS);
    void this.live.follow();
    void this.askInfo();
    return () => {
      clearInterval(timer);
      for (const stop of stops) stop();
      this.live.end();
      this.#end.abort();
    };
  }

  say(text: string): void {
    this.announced.set(text);
  }

  /** Asks how near the limits are. */
  async askInfo(): Promise<void> {
    if (access.value.state !== 'allowed') return;
    try {
      const info = await ask<Info>('/v1/info', { signal: this.#end.signal });
      if (!this.#end.signal.aborted) this.info.set(info);
    } catch {
      // That the broker is lost is said by who follows it. It is asked again.
    }
  }

  #tellLiveness(): void {
    const { value } = this.live.liveness;
    if (value === 'lost' && access.value.state === 'allowed') this.say('The broker does not answer.');
    if (value === 'live') this.say('The figures are live.');
  }
}
