/**
 * Mail that is purged. What must be true (I42):
 * 1. What is purged is what waits when the operator asks, and nothing that was sent later.
 * 2. As many messages are dropped as the answer says, and each once.
 * 3. What was purged when the answer came does not come again, whatever crashes. The ledger sees to that.
 * 4. Each question is answered, unless its shard dies.
 */
import type { Purged } from '../../../../src/shared/wire/port/asked.ts';
import type { SimThread } from '../../world/thread.ts';
import type { World } from '../../world/world.ts';
import type { Chance } from '../chance.ts';
import { idsIn, keyOf, type Ledger } from '../ledger.ts';

/** More than any mailbox of a life has. */
const ALL = 1_000;

/** A purge that is not answered yet. */
interface Open {
  readonly thread: SimThread;
  /** The copies that were sent by then have a lower place. */
  sent: number;
  readonly keys: string[];
}

export class Purges {
  readonly #ledger: Ledger;
  #world: World;
  /** At most one a name. */
  readonly #open = new Map<string, Open>();

  constructor(ledger: Ledger, world: World) {
    this.#ledger = ledger;
    this.#world = world;
  }

  /** The next broker of this life has started. */
  begin(world: World): void {
    this.#open.clear();
    this.#world = world;
  }

  /** An operator purges mail of a name: all of it, or one message that he sees. */
  purge(name: string, chance: Chance): void {
    const { router, shards } = this.#world;
    const thread = shards.places[router.shardOf(Buffer.from(name))]?.thread;
    const open = this.#open.get(name);
    const isAsking = open !== undefined && open.thread === thread;
    if (thread === undefined || thread.state !== 'works' || isAsking) return;
    const purge: Open = { thread, sent: this.#ledger.copies.size, keys: [] };
    this.#open.set(name, purge);
    const world = this.#world;
    const asked = chance.once(2) ? this.#all(name, purge) : this.#one(name, purge, chance);
    asked.catch((error: unknown) => world.accuse(error));
  }

  /** A shard has purged a message. @throws if nobody has asked for that */
  purged(name: string, text: string): void {
    const open = this.#open.get(name);
    for (const id of idsIn(text)) {
      const key = keyOf(id, name);
      const place = this.#ledger.placeOf(key) ?? 0;
      if (open === undefined || place >= open.sent) throw new Error(`${key} is purged, and came later`);
      open.keys.push(key);
      this.#ledger.purgedNames.add(name);
      this.#ledger.took(name, { text: `#${id};`, state: 'purged' });
    }
  }

  /** To be called when nothing moves. @throws if a question is not answered */
  expectAnswered(): void {
    for (const [name, { thread }] of this.#open) {
      if (thread.state === 'works') throw new Error(`a purge of ${name} is not answered`);
    }
  }

  async #all(name: string, open: Open): Promise<void> {
    let purged = 0;
    let before: number | undefined;
    for (;;) {
      const answer = await open.thread.ask((asked) => asked.purge(name, before));
      if (answer.state !== 'purged') break;
      purged += answer.purged;
      before = answer.before;
      if (!answer.more) {
        this.#answered(name, open, purged);
        return;
      }
    }
    this.#close(name, open);
  }

  async #one(name: string, open: Open, chance: Chance): Promise<void> {
    const choice = chance.int(0, ALL);
    const page = await open.thread.ask((asked) => asked.mail(name, 0, ALL));
    if (page.state === 'mail' && page.messages.length > 0) {
      const { messages } = page;
      const numbers = messages.map(({ seq }) => seq);
      if (numbers.some((seq, index) => seq <= (numbers[index - 1] ?? 0)))
        throw new Error(`the mail of ${name} is shown as ${numbers}`);
      const message = messages[choice % messages.length];
      open.sent = this.#ledger.copies.size; // it may have come meanwhile
      const answer = await open.thread.ask((asked) => asked.purgeOne(name, message?.seq ?? 0));
      if (answer.state === 'purged') {
        this.#answered(name, open, answer.purged, idsIn(message?.body ?? ''));
        return;
      }
    }
    this.#close(name, open);
  }

  /** @param ids those that may be purged; undefined if any may */
  #answered(name: string, open: Open, purged: Purged['purged'], ids?: readonly number[]): void {
    if (!this.#close(name, open)) return;
    const { keys } = open;
    // A message of a program may have no number in the part that is shown.
    if (ids !== undefined && keys.some((key) => !ids.some((id) => keyOf(id, name) === key)))
      throw new Error(`${keys} were purged, and not ${ids}`);
    if (keys.length !== purged) throw new Error(`${purged} messages of ${name} were purged, and ${keys} were dropped`);
    for (const key of keys) this.#ledger.purged(key);
  }

  /** @returns whether its shard lives, and the purge counts */
  #close(name: string, open: Open): boolean {
    if (this.#open.get(name) !== open) return false;
    this.#open.delete(name);
    return !open.thread.isOver;
  }
}
