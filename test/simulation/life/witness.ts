/**
 * Who sees all that happens in a simulated world, and says what must be true of it: every message against the ledger,
 * and the counts of the broker against each other.
 */
import type { Flushed } from '../../../src/shards/flushes.ts';
import type { ShardStats } from '../../../src/shared/wire/control.ts';
import type { News } from '../../../src/shared/wire/events.ts';
import type { Standing } from '../../../src/shared/wire/records.ts';
import type { SimPeer } from '../world/peer.ts';
import type { Place } from '../world/shards.ts';
import type { World, WorldWatch } from '../world/world.ts';
import { type Copy, idsIn, keyOf, Ledger } from './ledger.ts';
import { copiesOn, namesOn } from './on-disk.ts';

/** The standings of a session that its shard has said. */
const DECIDED: ReadonlySet<Standing> = new Set<Standing>(['receiving', 'send-only', 'waiting']);

/** What may happen in a life, and what is not counted as wrong then. */
export interface Excuses {
  /** Names may be too many, so that those that are away with nothing waiting are forgotten. */
  readonly mayForget: boolean;
}

export class Witness implements WorldWatch {
  readonly ledger = new Ledger();
  readonly #excuses: Excuses;
  #world: World;
  /** Messages that vanished from the disk between two lives: they may be said to be damaged. */
  vanished = 0;
  #refusedBefore = 0;
  /** Copies that wait for a shard which may not know their name any more. */
  #mayBeUnknown = 0;
  #lastSender = 0;
  /** Peers that have said their names, each with a number of its own in this life. */
  readonly #senders = new WeakMap<SimPeer, number>();
  /** How many copies had been sent when each peer came. */
  readonly #sentBefore = new WeakMap<SimPeer, number>();
  /** How much of what each peer took has been entered: those that may take more. */
  readonly #seen = new Map<SimPeer, number>();
  /** Names whose shard knows them in this world: mail for them must be held. */
  readonly known = new Set<string>();
  /** All peers of this world that have said their names. */
  #came: SimPeer[] = [];
  /** Copies that any writer of this world was handed. */
  readonly #handed = new Set<string>();

  constructor(world: World, excuses: Excuses) {
    this.#world = world;
    this.#excuses = excuses;
    world.watch = this;
  }

  /** Another broker has begun. */
  begin(world: World): void {
    this.#refusedBefore = this.#refused();
    this.#seen.clear();
    this.known.clear();
    this.#handed.clear();
    this.#came = [];
    this.#world = world;
    world.watch = this;
  }

  attaches(peer: SimPeer): void {
    this.#senders.set(peer, ++this.#lastSender);
    this.#seen.set(peer, 0);
    this.#came.push(peer);
    this.#sentBefore.set(peer, this.ledger.copies.size);
  }

  handed({ name }: SimPeer, text: string): void {
    for (const id of idsIn(text)) this.#handed.add(keyOf(id, name));
  }

  /** A line is routed, perhaps long after it was read: its destinations may have been forgotten by then. */
  routed(peer: SimPeer, to: readonly string[], body: string): void {
    const { router } = this.#world;
    for (const id of idsIn(body)) {
      for (const name of to) {
        const shard = router.shardOf(Buffer.from(name));
        const { posts } = router.outbox(shard);
        this.ledger.sent({ id, to: name, sender: this.#senders.get(peer) ?? 0, shard, posts });
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
    for (const { name, left, session } of world.peers()) {
      if (DECIDED.has(session.standing) && !left) this.known.add(name);
    }
    for (const peer of this.#seen.keys()) this.#note(peer);
    for (const place of world.shards.places) this.#checkShard(place);
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
      if (reason === 'STORE_UNWRITABLE') continue;
      if (reason === 'UNKNOWN_NAME' && (this.#excuses.mayForget || count <= this.#mayBeUnknown)) continue;
      if (reason === 'MAIL_DAMAGED' && count <= this.vanished) continue;
      if (count > 0) throw new Error(`${count} messages were dropped: ${reason}`);
    }
  }

  /** Who leaves because it has ended its side has sent all it has said, and has got all that waited when it came. */
  leaves(peer: SimPeer): void {
    if (peer.mayHaveGivenUp) return;
    this.#checkAsked(peer);
    if (peer.session.standing !== 'receiving' || this.#refused() > 0) return;
    this.#note(peer);
    const before = [...this.ledger.copies.values()].slice(0, this.#sentBefore.get(peer));
    const missing = new Set(this.ledger.missing());
    for (const copy of before) {
      const left = copy.to === peer.name && missing.has(copy);
      if (left) throw new Error(`${peer.session.number} leaves without ${keyOf(copy.id, copy.to)}`);
    }
  }

  /** What a peer has said is sent, unless its name is somebody else's. */
  #checkAsked({ session, asked, mayHaveGivenUp }: SimPeer): void {
    if (mayHaveGivenUp) return;
    if (session.standing !== 'receiving' && session.standing !== 'send-only') return;
    const unsent = asked.find((key) => !this.ledger.copies.has(key));
    if (unsent !== undefined) throw new Error(`${session.number} has said ${unsent}, and it was not sent`);
  }

  /** Where nothing moves, who came first has its name, and who only came to fetch its mail has it and has left. */
  checkPeers(): void {
    const { settings } = this.#world;
    const seen = new Set<string>();
    for (const peer of [...this.#world.peers()].sort((a, b) => a.session.place - b.session.place)) {
      const { name, session, left, streamEnded, cutShort, socket } = peer;
      if (left || socket.destroyed || (cutShort && session.name === undefined)) continue;
      const should = seen.has(name) ? 'waiting' : 'receiving';
      if (settings.strict && session.standing !== should)
        throw new Error(`${session.number} is ${session.standing}, and not ${should}`);
      seen.add(name);
      if (cutShort) continue;
      this.#checkAsked(peer);
      // Who was promised mail that has vanished from the disk, or an answer, waits for it until its leave time-out.
      if (streamEnded && !socket.busy && this.vanished === 0 && !peer.answerMayBeLost)
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
    const settled = new Set(this.#came.filter((peer) => peer.left && !world.knows(peer)));
    return ({ waiting, storing }) => {
      if (waiting > 0 || storing || this.#refused() > 0 || world !== this.#world) return;
      // Mail of a name that is not settled waits for what its last peer has given back.
      const leaving = new Set(this.#came.filter((peer) => peer.left && !settled.has(peer)).map(({ name }) => name));
      const safe = new Set(copiesOn(world.disk));
      const missing = new Set(this.ledger.missing());
      for (const [key, copy] of [...this.ledger.copies].slice(0, sent)) {
        if (missing.has(copy) && !safe.has(key) && !this.#handed.has(key) && !leaving.has(copy.to))
          throw new Error(`${key} is said to be worked off, and nobody has it`);
      }
    };
  }

  /** Enters what the kernel took for a peer since it was looked at last. */
  #note(peer: SimPeer): void {
    const { taken } = peer.socket;
    const seen = this.#seen.get(peer) ?? 0;
    if (taken.length > seen) this.ledger.took(peer.name, taken.slice(seen));
    if (peer.left && !this.#world.knows(peer)) this.#seen.delete(peer);
    else this.#seen.set(peer, taken.length);
  }

  /** Somebody is told that mail of its is held: some of it is on disk to stay, or has been taken already. */
  noticed(peer: SimPeer, kind: News['kind'], name: string): void {
    if (kind !== 'held') return;
    const number = this.#senders.get(peer);
    const synced = new Set(copiesOn(this.#world.disk, 'synced'));
    for (const [key, copy] of this.ledger.copies) {
      if (copy.sender !== number || copy.to !== name) continue;
      if (synced.has(key) || this.ledger.taken.has(key)) return;
    }
    for (const { name: to, handed } of this.#world.peers()) {
      if (to === name && idsIn(handed).length > 0) return;
    }
    throw new Error(`mail for ${name} is called held, and none is on disk`);
  }

  /** A message is removed from the disk: somebody has it. */
  removed(name: string, value: string): void {
    for (const peer of this.#seen.keys()) this.#note(peer);
    const lost = idsIn(value).find((id) => !this.ledger.taken.has(keyOf(id, name)));
    if (lost !== undefined) throw new Error(`${keyOf(lost, name)} is removed from the disk, and nobody has it`);
  }

  /** A shard has died: what it had in memory, and what was posted to it, may be lost. */
  died(place: Place): void {
    const { disk, router } = this.#world;
    for (const peer of this.#world.peers()) peer.answerMayBeLost ||= peer.asksWho;
    const peers = [...this.#world.peers()].filter(({ session }) => session.name !== undefined);
    for (const peer of this.#seen.keys()) this.#note(peer);
    const safe = new Set(copiesOn(disk));
    for (const peer of peers) if (peer.session.shard === place.index) this.#addInHand(peer, safe);
    const known = new Set(namesOn(disk));
    for (const { name } of peers) known.add(name);
    // A word of what was written can be lost with the shard; while the session is there, it is said again.
    const said = new Set(peers.flatMap(({ name, handed }) => idsIn(handed).map((id) => keyOf(id, name))));
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

  /** Adds what a peer's writer has been handed, and what it has given back that is not posted yet. */
  #addInHand({ name, session, handed, returned }: SimPeer, safe: Set<string>): void {
    const { posts } = this.#world.router.outbox(session.shard);
    const back = new Set(returned.filter((each) => each.posts < posts).flatMap(({ text }) => idsIn(text)));
    for (const id of idsIn(handed)) if (!back.has(id)) safe.add(keyOf(id, name));
  }

  /** The whole broker was gone from one moment to the next, and the machine with it: what is left is on the disk. */
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
      dropped.STORE_UNWRITABLE + (this.#excuses.mayForget ? dropped.UNKNOWN_NAME : 0);
    return this.#world.shards.stats().reduce((sum, stats) => sum + refused(stats), this.#refusedBefore);
  }
}
