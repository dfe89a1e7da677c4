/**
 * The witness sees everything that happens in a simulated world, and checks it: each message against the ledger, and
 * the counts of the broker against each other.
 */
import { idOfMessage } from '../../../src/protocol/program-message.ts';
import type { Flushed } from '../../../src/shards/flushes.ts';
import type { ShardEvent } from '../../../src/shared/wire/events.ts';
import { bodyOffsetOf, FRAME_BODY, type Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { ShardStats } from '../../../src/shared/wire/port/control.ts';
import type { DroppedState, Standing } from '../../../src/shared/wire/records.ts';
import type { SimPeer } from '../world/peer.ts';
import type { PostState } from '../world/post-log.ts';
import type { Place } from '../world/shards.ts';
import type { WorldWatch } from '../world/watch.ts';
import type { World } from '../world/world.ts';
import { expectHeld } from './checks/called-held.ts';
import { noteDeath, noteKill } from './checks/crashes.ts';
import { Durable } from './checks/durable.ts';
import { Expiry, expiryIn } from './checks/expiry.ts';
import { Purges } from './checks/purges.ts';
import { checkShardFigures } from './checks/shard-figures.ts';
import { checkStandings } from './checks/standings.ts';
import { Told } from './checks/told.ts';
import { type Copy, idsIn, keyOf, Ledger } from './ledger.ts';
import { copiesOn } from './on-disk.ts';

/** The standings of a session that its shard has decided. */
const DECIDED: ReadonlySet<Standing> = new Set<Standing>(['receiving', 'send-only', 'waiting']);

/** What is allowed in a life: there may be too many names, so that names away without mail are forgotten. */
export interface Excuses {
  readonly mayForget: boolean;
}

export class Witness implements WorldWatch {
  readonly ledger = new Ledger();
  readonly #excuses: Excuses;
  #world: World;
  /** Messages that vanished from the disk between two lives. The broker may report them as damaged. */
  vanished = 0;
  #refusedBefore = 0;
  /** Copies to names that their shard may not know. They may be dropped for that reason. */
  #mayBeUnknown = 0;
  #lastSender = 0;
  /** The number of each peer that has said its name, unique over the whole life. */
  readonly #senders = new WeakMap<SimPeer, number>();
  /** How many copies had been sent when a peer came. */
  readonly #sentBefore = new WeakMap<SimPeer, number>();
  /** The peers that may still take something. */
  readonly #seen = new Set<SimPeer>();
  readonly #told: Told;
  readonly #expiry: Expiry;
  readonly #durable = new Durable();
  readonly purges: Purges;
  #rejected = 0;
  /** Names that their shard knows in this world. Mail for them must be held. */
  readonly known = new Set<string>();
  /** All peers of this world that have said their names. */
  #came: SimPeer[] = [];
  /** Copies that were handed to any writer of this world. */
  readonly #handed = new Set<string>();

  /** @param wantedReceipts the sender of each copy that it wants a receipt of, by `id@name` */
  constructor(world: World, wantedReceipts: ReadonlyMap<string, string>, excuses: Excuses) {
    this.#told = new Told(wantedReceipts, (key) => this.ledger.promised.add(key));
    this.#expiry = new Expiry(this.ledger, wantedReceipts, world.settings.holdSeconds);
    this.#world = world;
    this.purges = new Purges(this.ledger, world);
    this.#excuses = excuses;
    world.watch = this;
  }

  /** The next broker of this life has started. */
  begin(world: World): void {
    this.ledger.forgetSends();
    this.ledger.forgiveOverdue();
    this.#expiry.begin();
    this.purges.begin(world);
    this.#durable.begin();
    this.#refusedBefore = this.#refused();
    this.#seen.clear();
    this.#told.begin();
    this.known.clear();
    this.#handed.clear();
    this.#came = [];
    this.#world = world;
    world.watch = this;
  }

  attaches(peer: SimPeer): void {
    this.#senders.set(peer, ++this.#lastSender);
    this.#seen.add(peer);
    this.#came.push(peer);
    this.#sentBefore.set(peer, this.ledger.copies.size);
  }

  handed({ name }: SimPeer, text: string, frames: Frames, post: PostState): void {
    this.#expiry.handed(name, frames, post);
    this.#durable.handed(name, frames, this.#world.disk, post);
    for (const id of idsIn(text)) this.#handed.add(keyOf(id, name));
  }

  /** A line is routed. That may be long after it was read, and its destinations may have been forgotten by then. */
  routed(peer: SimPeer, to: readonly string[], body: string): void {
    const { router } = this.#world;
    for (const id of idsIn(body)) {
      for (const name of to) {
        const shard = router.shardOf(Buffer.from(name));
        const { posts } = router.outbox(shard);
        this.ledger.sent({ id, to: name, sender: this.#senders.get(peer) ?? 0, shard, posts });
        const key = keyOf(id, name);
        this.#expiry.sent(key, expiryIn(body), this.#world.shards.clockOf(shard));
        if (this.holdsFor(name)) continue;
        this.ledger.mayBeLost.add(key);
        this.#mayBeUnknown++;
      }
    }
  }

  /** A message was dropped, and its sender is to be told. Its frame has no body. */
  expired(name: string, frame: Frames, state: DroppedState, post: PostState): void {
    this.#noteAll();
    const { bytes, headers } = frame;
    const id = Number(idOfMessage(bytes, bodyOffsetOf(headers[FRAME_BODY] as number), bytes.length)?.slice(1));
    const key = keyOf(id, name);
    if (state === 'expired') {
      this.#expiry.dropped(key, frame, post);
      this.ledger.took(name, { text: `#${id};`, state });
    }
    this.#told.done(key, state);
  }

  /** A shard has purged a message. */
  purged(name: string, text: string): void {
    this.#noteAll();
    this.purges.purged(name, text);
  }

  /** Whether mail for the name must be held. */
  holdsFor(name: string): boolean {
    return this.known.has(name) || this.#world.settings.holdUnknown;
  }

  /** Checks what must be true after every step. @throws if a check fails */
  check(): void {
    const world = this.#world;
    world.check();
    for (const { name, left, session } of world.peers()) {
      if (DECIDED.has(session.standing) && !left) this.known.add(name);
    }
    this.#noteAll();
    this.#told.step(world.peers());
    const allowed = {
      unknown: this.#excuses.mayForget ? Number.POSITIVE_INFINITY : this.#mayBeUnknown,
      damaged: this.vanished,
      rejected: this.#rejected,
      expired: this.#expiry.mayBeDropped,
    };
    for (const place of world.shards.places) checkShardFigures(place, allowed);
  }

  /**
   * A session ends because its peer has ended its side. All lines of the peer must be routed by then, and all mail that
   * waited when it came must be delivered.
   */
  leaves(peer: SimPeer): void {
    if (peer.mayHaveGivenUp) return;
    this.#checkAsked(peer);
    // A program that has ended its side can acknowledge nothing. What it has left comes again.
    if (peer.program !== undefined || peer.session.standing !== 'receiving' || this.#refused() > 0) return;
    this.#noteAll();
    const before = [...this.ledger.copies.values()].slice(0, this.#sentBefore.get(peer));
    const missing = new Set(this.ledger.missing());
    for (const copy of before) {
      const left = copy.to === peer.name && missing.has(copy);
      if (left) throw new Error(`${peer.session.number} leaves without ${keyOf(copy.id, copy.to)}`);
    }
  }

  /** All lines of a peer must be routed, unless another peer holds its name. */
  #checkAsked({ session, asked, mayHaveGivenUp }: SimPeer): void {
    if (mayHaveGivenUp) return;
    if (session.standing !== 'receiving' && session.standing !== 'send-only') return;
    const unsent = asked.find((key) => !this.ledger.copies.has(key));
    if (unsent !== undefined) throw new Error(`${session.number} has said ${unsent}, and it was not sent`);
  }

  /** Checks the peers when nothing moves. */
  checkPeers(): void {
    checkStandings(this.#world, {
      asked: (peer) => this.#checkAsked(peer),
      told: (peer, here) => this.#told.check(peer, here),
      // A session waits for mail that has vanished from the disk or was dropped, or for an answer that was lost.
      mayWait: ({ name, answerMayBeLost }) => this.vanished > 0 || answerMayBeLost || this.#expiry.mayHaveDropped(name),
    });
  }

  /** Checks what has expired, when nothing moves. Expiry says when. */
  checkExpired(): void {
    this.#noteAll();
    const { now, disk, shards } = this.#world;
    const inHand = new Set<string>();
    for (const { name, handed } of this.#world.peers()) for (const id of idsIn(handed)) inHand.add(keyOf(id, name));
    const dropped = shards.stats().reduce((sum, stats) => sum + stats.dropped.EXPIRED + stats.dropped.TOO_OLD, 0);
    this.#expiry.check({ now, disk, inHand, refused: this.#refused(), dropped });
  }

  /** Checks that delivered copies are removed from the store. To be called when nothing moves. */
  checkRemoved(): void {
    for (const key of copiesOn(this.#world.disk)) {
      const mustBeGone = this.ledger.taken.has(key) && !this.ledger.mayComeAgain(key);
      if (mustBeGone) throw new Error(`${key} was taken, and is on disk still`);
    }
  }

  /** All shards are sent a flush. @returns the check to call with their answer */
  flushAsked(): (flushed: Flushed) => void {
    const world = this.#world;
    const sent = this.ledger.copies.size;
    const settled = new Set(this.#came.filter((peer) => peer.left && !world.knows(peer)));
    return ({ waiting, storing }) => {
      if (waiting > 0 || storing || this.#refused() > 0 || world !== this.#world) return;
      // Mail of a name that is not settled waits for the frames that its last writer returns.
      const leaving = new Set(this.#came.filter((peer) => peer.left && !settled.has(peer)).map(({ name }) => name));
      const safe = new Set(copiesOn(world.disk));
      const missing = new Set(this.ledger.missing());
      for (const [key, copy] of [...this.ledger.copies].slice(0, sent)) {
        if (missing.has(copy) && !safe.has(key) && !this.#handed.has(key) && !leaving.has(copy.to))
          throw new Error(`${key} is said to be worked off, and nobody has it`);
      }
    };
  }

  /** Notes what has become of messages since the last call, and then what programs were told of that. */
  #noteAll(): void {
    this.#expiry.pass(this.#world.now);
    for (const peer of this.#seen) {
      for (const done of peer.takeDone()) {
        this.ledger.took(peer.name, done);
        for (const id of idsIn(done.text)) this.#told.done(keyOf(id, peer.name), done.state);
        if (done.state === 'rejected') this.#rejected++;
      }
    }
    for (const peer of this.#seen) {
      this.#told.read(peer);
      if (peer.left && !this.#world.knows(peer)) this.#seen.delete(peer);
    }
  }

  /** A sender is told that mail for `name` is held: some of its mail must be synced on disk, or delivered already. */
  noticed(peer: SimPeer, kind: ShardEvent['kind'], name: string): void {
    if (kind !== 'held') return;
    this.#noteAll();
    expectHeld(this.#world, this.ledger, this.#senders.get(peer), name);
  }

  /** A message is removed from the disk: it must have been delivered, or its time must be over. */
  removed(name: string, value: string): void {
    this.#noteAll();
    const { taken, overdue } = this.ledger;
    const lost = idsIn(value).find((id) => !taken.has(keyOf(id, name)) && !overdue.has(keyOf(id, name)));
    if (lost !== undefined) throw new Error(`${keyOf(lost, name)} is removed from the disk, and nobody has it`);
  }

  /** A shard has died. The mail in its memory, and the posts that it has not processed, may be lost. */
  died(place: Place): void {
    this.ledger.forgetSends(place.index);
    for (const peer of this.#world.peers()) peer.answerMayBeLost ||= peer.asksWho;
    this.#noteAll();
    const { known, left, mayBeUnknown } = noteDeath(place, this.#world, this.ledger);
    this.#expiry.leftInStore(left);
    this.#mayBeUnknown += mayBeUnknown;
    for (const name of this.known) {
      if (this.#world.router.shardOf(Buffer.from(name)) === place.index && !known.has(name)) this.known.delete(name);
    }
  }

  /** The broker and its machine have crashed. Only what is on the disk is left. */
  noteKill(): void {
    this.#expiry.leftInStore(noteKill(this.#world.disk, this.ledger));
  }

  /** No more copies may be missing than were refused. */
  expectNone(missing: readonly Copy[], what: string): void {
    const promised = missing.find(({ id, to }) => this.ledger.promised.has(keyOf(id, to)));
    if (promised !== undefined) throw new Error(`${keyOf(promised.id, promised.to)} is ${what}, and was called held`);
    const refused = this.#refused();
    const [first] = missing;
    if (missing.length <= refused || first === undefined) return;
    throw new Error(`${keyOf(first.id, first.to)} is ${what}: one of ${missing.length}, and ${refused} were refused`);
  }

  /** Messages that were refused because the disk was full, or because their name may have been forgotten. */
  #refused(): number {
    const refused = ({ dropped }: ShardStats) =>
      dropped.STORE_UNWRITABLE + (this.#excuses.mayForget ? dropped.UNKNOWN_NAME : 0);
    return this.#world.shards.stats().reduce((sum, stats) => sum + refused(stats), this.#refusedBefore);
  }
}
