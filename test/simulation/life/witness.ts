/**
 * Who sees all that happens in a simulated world, and says what must be true of it: every message against the ledger,
 * and the counts of the broker against each other.
 */
import type { Flushed } from '../../../src/shards/flushes.ts';
import type { ShardStats } from '../../../src/shared/wire/control.ts';
import type { Place, SimSession, World } from '../world/world.ts';
import { type Copy, idsIn, keyOf, Ledger } from './ledger.ts';
import { copiesOn, namesOn } from './on-disk.ts';

/** What may happen in a life, and what is not counted as wrong then. */
export interface Excuses {
  /** Names may be too many, so that those that are away with nothing waiting are forgotten. */
  readonly mayForget: boolean;
}

export class Witness {
  readonly ledger = new Ledger();
  readonly #excuses: Excuses;
  #world: World;
  /** Messages that vanished from the disk between two lives: they may be said to be damaged. */
  vanished = 0;
  #refusedBefore = 0;
  /** Copies that wait for a shard which may not know their name any more. */
  #mayBeUnknown = 0;
  #lastSender = 0;
  readonly #senders = new Map<SimSession, number>();
  /** How many copies had been sent when each session came. */
  readonly #sentBefore = new WeakMap<SimSession, number>();
  /** How much of what each session took has been entered. */
  readonly #seen = new Map<SimSession, number>();
  /** Names whose shard knows them in this world: mail for them must be held. */
  readonly known = new Set<string>();
  /** Copies that any writer of this world was handed. */
  readonly #handed = new Set<string>();

  constructor(world: World, excuses: Excuses) {
    this.#world = world;
    this.#excuses = excuses;
    this.#watch();
  }

  /** Another broker has begun. */
  begin(world: World): void {
    this.#refusedBefore = this.#refused();
    this.#senders.clear();
    this.#seen.clear();
    this.known.clear();
    this.#handed.clear();
    this.#world = world;
    this.#watch();
  }

  #watch(): void {
    const world = this.#world;
    world.onRoute = (sender, to, body) => this.#noteSent(sender, to, body);
    world.onLeave = (session) => this.#checkLeaves(session);
    world.onHanded = (session, text) => {
      for (const id of idsIn(text)) this.#handed.add(keyOf(id, `${session.name}`));
    };
    world.onNotice = (sender, kind, name) => {
      if (kind === 'held') this.#checkHeld(sender, name);
    };
    world.onDeath = (place) => this.#noteDeath(place);
  }

  came(session: SimSession): void {
    this.#senders.set(session, ++this.#lastSender);
    this.#sentBefore.set(session, this.ledger.copies.size);
  }

  /** A line is routed, perhaps long after it was read: its destinations may have been forgotten by then. */
  #noteSent(session: SimSession, to: readonly string[], body: string): void {
    const { router } = this.#world;
    for (const id of idsIn(body)) {
      for (const name of to) {
        const shard = router.shardOf(Buffer.from(name));
        const { posts } = router.outbox(shard);
        this.ledger.sent({ id, to: name, sender: this.#senders.get(session) ?? 0, shard, posts });
        if (this.known.has(name)) continue;
        this.ledger.mayBeLost.add(keyOf(id, name));
        this.#mayBeUnknown++;
      }
    }
  }

  /** What must be true after every step. @throws what is not */
  check(): void {
    const world = this.#world;
    world.check();
    for (const session of world.sessions.values()) {
      if (session.standing !== 'asked' && !session.left) this.known.add(session.name.toString());
    }
    for (const session of this.#senders.keys()) this.#note(session);
    for (const place of world.places) this.#checkShard(place);
  }

  #checkShard({ thread }: Place): void {
    if (thread === undefined || thread.isOver) return;
    const { shard, budget, store } = thread;
    const { heldBytes, memoryBytes, heldMessages, malformed, dropped, namesAway } = shard.stats();
    if (malformed > 0) throw new Error('a record made no sense to its shard');
    if (heldBytes !== budget.used) throw new Error(`${heldBytes} bytes are held, and ${budget.used} counted`);
    if (heldBytes < 0 || heldMessages < 0) throw new Error(`${heldMessages} messages of ${heldBytes} bytes are held`);
    if (memoryBytes < 0 || memoryBytes > heldBytes)
      throw new Error(`${memoryBytes} of ${heldBytes} bytes are counted in memory`);
    if (new Set(store.readFor).size < store.readFor.length) throw new Error('the mail of a name is read twice at once');
    if (shard.begun && namesAway > this.#world.settings.maxNames + 1 + heldMessages)
      throw new Error(`${namesAway} names are away and remembered, and ${heldMessages} messages wait`);
    if (heldMessages === 0 && heldBytes !== 0) throw new Error(`${heldBytes} bytes are held, of no message`);
    for (const [reason, count] of Object.entries(dropped)) {
      if (reason === 'the store cannot be written') continue;
      if (reason === 'unknown name' && (this.#excuses.mayForget || count <= this.#mayBeUnknown)) continue;
      if (reason === 'damaged in the store' && count <= this.vanished) continue;
      if (count > 0) throw new Error(`${count} messages were dropped: ${reason}`);
    }
  }

  /** Who has its name, and leaves because its peer has ended its side, has got all that was sent before it came. */
  #checkLeaves(session: SimSession): void {
    if (session.standing !== 'receiving' || this.#refused() > 0) return;
    this.#note(session);
    const before = [...this.ledger.copies.values()].slice(0, this.#sentBefore.get(session));
    const missing = new Set(this.ledger.missing());
    for (const copy of before) {
      const left = copy.to === session.name.toString() && missing.has(copy);
      if (left) throw new Error(`${session.number} leaves without ${keyOf(copy.id, copy.to)}`);
    }
  }

  /** Where nothing moves, who came first has its name, and who only came to fetch its mail has it and has left. */
  checkNames(): void {
    const { settings, sessions } = this.#world;
    const seen = new Set<string>();
    for (const session of [...sessions.values()].sort((a, b) => a.place - b.place)) {
      const { name, standing, left, streamEnded, ended, socket } = session;
      if (left) continue;
      const should = seen.has(`${name}`) ? 'waiting' : 'receiving';
      if (settings.strict && standing !== should)
        throw new Error(`${session.number} is ${standing}, and not ${should}`);
      seen.add(`${name}`);
      // Who was promised mail that has vanished from the disk waits for it until its leave time-out.
      if (streamEnded && !ended && !socket.busy && this.vanished === 0)
        throw new Error(`${session.number} has got its mail, and does not leave`);
    }
  }

  /** What was taken is not in the store, as soon as nothing moves any more. */
  checkRemoved(): void {
    for (const key of copiesOn(this.#world.disk)) {
      const mustBeGone = this.ledger.taken.has(key) && !this.ledger.excused.has(key);
      if (mustBeGone) throw new Error(`${key} was taken, and is on disk still`);
    }
  }

  /** All shards are asked to say when they have worked off what was sent. @returns what is to hear that they have */
  flushAsked(): (flushed: Flushed) => void {
    const world = this.#world;
    const sent = this.ledger.copies.size;
    return ({ waiting, storing }) => {
      if (waiting > 0 || storing || this.#refused() > 0 || world !== this.#world) return;
      const safe = new Set(copiesOn(world.disk));
      const missing = new Set(this.ledger.missing());
      for (const [key, copy] of [...this.ledger.copies].slice(0, sent)) {
        if (missing.has(copy) && !safe.has(key) && !this.#handed.has(key))
          throw new Error(`${key} is said to be worked off, and nobody has it`);
      }
    };
  }

  /** Enters what the kernel took for a session since it was looked at last. */
  #note(session: SimSession): void {
    const { taken } = session.socket;
    const seen = this.#seen.get(session) ?? 0;
    if (taken.length > seen) this.ledger.took(session.name.toString(), taken.slice(seen));
    this.#seen.set(session, taken.length);
    if (session.left && this.#world.sessions.get(session.number) === undefined) {
      this.#senders.delete(session);
      this.#seen.delete(session);
    }
  }

  /** Somebody is told that mail of its is held: some of it is on disk to stay, or has been taken already. */
  #checkHeld(sender: SimSession, name: string): void {
    const number = this.#senders.get(sender);
    const synced = new Set(copiesOn(this.#world.disk, 'synced'));
    for (const [key, copy] of this.ledger.copies) {
      if (copy.sender !== number || copy.to !== name) continue;
      if (synced.has(key) || this.ledger.taken.has(key)) return;
    }
    for (const { name: to, handed } of this.#world.sessions.values()) {
      if (to.toString() === name && idsIn(handed).length > 0) return;
    }
    throw new Error(`mail for ${name} is called held, and none is on disk`);
  }

  /** A shard has died: what it had in memory, and what was posted to it, may be lost. */
  #noteDeath(place: Place): void {
    const { sessions, disk, router } = this.#world;
    for (const session of this.#senders.keys()) this.#note(session);
    const safe = new Set(copiesOn(disk));
    for (const session of sessions.values()) if (session.shard === place.index) this.#addInHand(session, safe);
    const known = new Set(namesOn(disk));
    for (const { name } of sessions.values()) known.add(`${name}`);
    // A word of what was written can be lost with the shard; while the session is there, it is said again.
    const said = new Set<string>();
    for (const session of sessions.values())
      for (const id of idsIn(session.handed)) said.add(keyOf(id, `${session.name}`));
    for (const key of safe) if (this.ledger.taken.has(key) && !said.has(key)) this.ledger.excused.add(key);
    for (const copy of this.ledger.missing()) {
      if (copy.shard !== place.index) continue;
      const key = keyOf(copy.id, copy.to);
      const waits = copy.posts === place.outbox.posts && known.has(copy.to);
      if (!waits && !safe.has(key)) this.ledger.mayBeLost.add(key);
      if (copy.posts === place.outbox.posts && !known.has(copy.to)) this.#mayBeUnknown++;
    }
    for (const name of this.known) {
      if (router.shardOf(Buffer.from(name)) === place.index && !known.has(name)) this.known.delete(name);
    }
  }

  /** Adds what a session has been handed, and what it has given back that is not posted yet. */
  #addInHand(session: SimSession, safe: Set<string>): void {
    const { posts } = this.#world.router.outbox(session.shard);
    const back = new Set(session.returned.filter((each) => each.posts < posts).flatMap(({ text }) => idsIn(text)));
    for (const id of idsIn(session.handed)) if (!back.has(id)) safe.add(keyOf(id, `${session.name}`));
  }

  /** The whole broker was gone from one moment to the next, and the machine with it: all that is left is on the disk. */
  noteKill(): void {
    const safe = new Set(copiesOn(this.#world.disk));
    for (const key of safe) if (this.ledger.taken.has(key)) this.ledger.excused.add(key);
    for (const copy of this.ledger.missing()) {
      const key = keyOf(copy.id, copy.to);
      if (!safe.has(key)) this.ledger.mayBeLost.add(key);
    }
  }

  /** No copy may be missing, but as many as were refused. */
  expectNone(missing: readonly Copy[], what: string): void {
    const refused = this.#refused();
    const [first] = missing;
    if (missing.length <= refused || first === undefined) return;
    throw new Error(`${keyOf(first.id, first.to)} is ${what}: one of ${missing.length}, and ${refused} were refused`);
  }

  /** Messages that were refused because the disk was full, or whose name may have been forgotten. */
  #refused(): number {
    const refused = ({ dropped }: ShardStats) =>
      dropped['the store cannot be written'] + (this.#excuses.mayForget ? dropped['unknown name'] : 0);
    return this.#world.stats().reduce((sum, stats) => sum + refused(stats), this.#refusedBefore);
  }
}
