/**
 * What a program of the swarm has sent, over all its connections. What is checked: each id is answered once, with one
 * outcome for each name.
 */
import type { Letter } from '../messages.ts';

/** Whether the broker has a message that has this outcome. */
const IS_ACCEPTED = new Map([
  ['taken', true],
  ['held', true],
  ['unknown', false],
  ['full', false],
  ['unstored', false],
]);

export class Sends {
  readonly #violated: (what: string) => void;
  /** By id: what has no outcome yet. */
  readonly #pending = new Map<string, Letter>();
  #ids = 0;

  /** @param violated is told, as the end of a sentence, what must not be */
  constructor(violated: (what: string) => void) {
    this.#violated = violated;
  }

  /** @returns the line that sends a letter, under a new id */
  send(letter: Letter): string {
    const id = `m-${++this.#ids}`;
    this.#pending.set(id, letter);
    return JSON.stringify({ type: 'send', id, to: letter.to, body: letter.text });
  }

  /** Takes the answer to a message. @returns how many of its deliveries are refused */
  accepted(id: unknown, to: unknown, duplicate: unknown): number {
    const letter = this.lost(id);
    const outcomes = typeof to === 'object' && to !== null ? new Map<string, unknown>(Object.entries(to)) : undefined;
    if (letter === undefined || outcomes === undefined) {
      this.#violated(`was told what became of ${id}, which waits for no outcome`);
      return 0;
    }
    if (duplicate !== false) this.#violated(`was told that ${id}, which it sent once, is a duplicate`);
    if (outcomes.size !== letter.to.length) this.#violated(`was told ${outcomes.size} outcomes of ${id}`);
    let refused = 0;
    for (const name of letter.to) {
      const outcome = outcomes.get(name);
      const isAccepted = typeof outcome === 'string' ? IS_ACCEPTED.get(outcome) : undefined;
      if (isAccepted === undefined) this.#violated(`was told that ${id} is ${outcome} for ${name}`);
      if (isAccepted === false) refused++;
    }
    return refused;
  }

  /** The outcome of a message will not come. @returns the message, if it waited for one */
  lost(id: unknown): Letter | undefined {
    if (typeof id !== 'string') return undefined;
    const letter = this.#pending.get(id);
    this.#pending.delete(id);
    return letter;
  }

  /** The connection is over. @returns what has no outcome; it will get none */
  giveUp(): Letter[] {
    const letters = [...this.#pending.values()];
    this.#pending.clear();
    return letters;
  }
}
