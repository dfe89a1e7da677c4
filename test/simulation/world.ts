/**
 * A whole broker without threads, sockets, disk or clock: the real router, outboxes, writers, shards and mailrooms, and
 * between them queues that the caller moves on as it likes.
 */
import { BatchBuilder, isLoan, type Post, type PostedValue, posted, received } from '../../src/channel/batch.ts';
import type { ShardStats } from '../../src/channel/control.ts';
import type { Frames } from '../../src/channel/frames.ts';
import { hashName, shardOf } from '../../src/channel/hash.ts';
import type { LentBuffers } from '../../src/channel/lending.ts';
import { prefixOf } from '../../src/channel/message.ts';
import type { ShardSettings } from '../../src/channel/shard-task.ts';
import { readToMain, type ShardNotice, type ToMainHandler } from '../../src/channel/to-main.ts';
import { putBegin, putDrain, putFlush } from '../../src/channel/to-shard.ts';
import type { Lending } from '../../src/memory-plan.ts';
import type { Outbox, PostTarget } from '../../src/outbox.ts';
import { type Reattachable, reattachment, type Standing } from '../../src/reattach.ts';
import { Router } from '../../src/router.ts';
import { ShutdownScope } from '../../src/shutdown.ts';
import type { WriteSlabs } from '../../src/write-slabs.ts';
import { Writer } from '../../src/writer.ts';
import { Shard } from '../../workers/shard.ts';
import { OverwrittenBuffers } from '../helpers/unit-lending.ts';
import { lineOf } from '../helpers/unit-lines.ts';
import { PaperBudget } from '../helpers/unit-shard.ts';
import { twoSlabs } from '../helpers/unit-writer.ts';
import { type Disk, DiskStore } from './disk.ts';
import { SimSocket } from './socket.ts';

/** A session without a reader: what it is told to send is as good as read. */
export class SimSession implements Reattachable {
  readonly number: number;
  readonly name: Uint8Array;
  readonly shard: number;
  readonly socket = new SimSocket();
  readonly writer: Writer;
  readonly scope = new ShutdownScope();
  readonly #router: Router;
  standing: Standing = 'asked';
  left = false;
  /** Everything its writer was handed. */
  handed = '';
  /** What was given back, and what the outbox had posted then. */
  readonly returned: { readonly posts: number; readonly text: string }[] = [];
  #postsWhenAsked: number;
  #postsWhenLeft = 0;

  constructor(number: number, name: string, router: Router, slabs: WriteSlabs) {
    this.number = number;
    this.name = Buffer.from(name);
    this.#router = router;
    this.shard = router.shardOf(this.name);
    this.#postsWhenAsked = router.outbox(this.shard).posts;
    const home = {
      written: (frames: number, bytes: number, last: number) => router.written(this.shard, number, frames, bytes, last),
      returned: (last: boolean, account: Writer['account'], runs: Frames[]) => {
        const text = runs.map((run) => Buffer.from(run.bytes).toString('latin1')).join('');
        this.returned.push({ posts: router.outbox(this.shard).posts, text });
        if (last) this.#postsWhenLeft = router.outbox(this.shard).posts;
        router.returned(this.shard, number, this.name, last, account, runs);
        if (last) this.left = true;
      },
    };
    const options = { reportAfterBytes: 20, backlog: () => this.socket.backlog, slabs };
    this.writer = new Writer(this.socket, this.scope.signal, home, options);
    router.attach(this.shard, number, this.name, this.writer.account);
  }

  get introduced(): boolean {
    return this.#router.outbox(this.shard).posts > this.#postsWhenAsked;
  }

  get gone(): boolean {
    return this.left && this.#router.outbox(this.shard).posts > this.#postsWhenLeft;
  }

  /** The reader ends. */
  end(): void {
    this.scope[Symbol.dispose]();
  }

  /** The socket fails, and closes: the writer first, then the reader, or the other way round. */
  fail(readerFirst: boolean): void {
    if (readerFirst) this.end();
    this.socket.fail();
    this.writer.closed();
    this.end();
  }

  abandon(): void {
    this.writer.noteProgress();
    this.socket.destroy();
    this.writer.closed();
    this.end();
  }
}

/** A shard, and what is on its way to it and from it. */
interface Place {
  readonly index: number;
  readonly outbox: Outbox;
  readonly lending: Lending;
  out: BatchBuilder | undefined;
  shard: Shard | undefined;
  store: DiskStore;
  budget: PaperBudget;
  /** False while it reads its index, and before. */
  ready: boolean;
  toShard: Post[];
  toMain: Post[];
}

export interface WorldSettings extends ShardSettings {
  readonly shards: number;
}

/** Few and small, so that they run out, and are filled again and again. */
const fewBuffers = () => new OverwrittenBuffers(2, 256);

/** What was posted as it arrives at the other thread. */
function crossed([value, transfer]: ReturnType<typeof posted>, from: LentBuffers): Post {
  return received(structuredClone(value, { transfer }), from);
}

export class World {
  readonly settings: WorldSettings;
  readonly disk: Disk;
  readonly router: Router;
  readonly places: Place[];
  readonly sessions = new Map<number, SimSession>();
  /** What shards of lives that are over have dropped. */
  readonly past: ShardStats[] = [];
  /** Told of every notice a shard asks for. */
  onNotice: (sender: SimSession | undefined, kind: ShardNotice, name: string) => void = () => {};
  now: number;
  #turn: (() => void)[] = [];
  readonly #slabs = twoSlabs();
  #lastNumber = 0;

  constructor(settings: WorldSettings, disk: Disk, now: number) {
    this.settings = settings;
    this.disk = disk;
    this.now = now;
    const lending = Array.from({ length: settings.shards }, () => ({ toShard: fewBuffers(), toMain: fewBuffers() }));
    this.router = new Router(
      settings.shards,
      (step) => this.#turn.push(step),
      (shard) => lending[shard]?.toShard,
    );
    this.places = lending.map((lent, index) => ({
      index,
      outbox: this.router.outbox(index),
      lending: lent,
      out: undefined,
      shard: undefined,
      store: new DiskStore(disk),
      budget: new PaperBudget(Number.POSITIVE_INFINITY),
      ready: false,
      toShard: [],
      toMain: [],
    }));
    for (const place of this.places) this.startShard(place);
  }

  attach(name: string): SimSession {
    const session = new SimSession(++this.#lastNumber, name, this.router, this.#slabs);
    this.sessions.set(session.number, session);
    return session;
  }

  /** A session reads a line. */
  send(session: SimSession, to: readonly string[], body: string): void {
    const line = Buffer.from(`${to.join(',')}:${body}`);
    const prefix = prefixOf(Buffer.concat([Buffer.from('from '), session.name, Buffer.from(': ')]));
    const congested = this.router.route(session.number, prefix, lineOf(line));
    if (congested !== undefined) throw new Error('so little cannot congest an outbox');
  }

  /** The main thread's turn is over. */
  endTurn(): void {
    for (const step of this.#turn.splice(0)) step();
    for (const session of this.sessions.values()) session.socket.tick();
  }

  /** The shard works off the next post. @returns false if there is none, or it cannot */
  workShard(place: Place): boolean {
    const post = place.ready ? place.toShard.shift() : undefined;
    if (post === undefined) return false;
    place.shard?.receive(post);
    return true;
  }

  endShardTurn(place: Place): void {
    if (place.ready) place.shard?.postOut();
  }

  /** The main thread works off the next post of a shard. */
  workMain(place: Place): boolean {
    const post = place.toMain.shift();
    if (post === undefined) return false;
    if (!readToMain(post, this.#handler(place))) throw new Error('a malformed batch for the main thread');
    if (isLoan(post)) post.from.giveBack(post.number);
    return true;
  }

  /** The shard throws. What it has said holds, what it was told and what it had in memory is gone. */
  crashShard(place: Place): void {
    const { shard } = place;
    if (shard === undefined) return;
    this.past.push(shard.stats());
    while (this.workMain(place));
    place.store.abandon();
    place.toShard = [];
    place.outbox.disconnect();
    place.out?.retire();
    place.lending.toShard.giveBackAll();
    place.lending.toMain.giveBackAll();
    place.shard = undefined;
    place.ready = false;
  }

  /** The supervisor starts a shard that is down. */
  startShard(place: Place): void {
    if (place.shard !== undefined) return;
    place.store = new DiskStore(this.disk);
    place.budget = new PaperBudget(Number.POSITIVE_INFINITY);
    place.out = new BatchBuilder(place.lending.toMain);
    const shard = new Shard(this.settings, {
      budget: place.budget,
      now: () => this.now,
      out: place.out,
      post: (post) => place.toMain.push(crossed(posted(post), place.lending.toMain)),
      store: place.store,
      seed: 1,
    });
    place.shard = shard;
    const sessions = [...this.sessions.values()].filter((session) => session.shard === place.index);
    const { handed, first } = reattachment(sessions, place.outbox.batch);
    const mine = (name: Uint8Array) => shardOf(hashName(name), this.places.length) === place.index;
    shard.load(mine, handed).then(
      () => {
        if (place.shard === shard) place.ready = true;
      },
      () => undefined,
    );
    const postMessage = (value: PostedValue, transfer: ArrayBuffer[]) =>
      place.toShard.push(crossed([value, transfer], place.lending.toShard));
    putBegin(place.outbox.batch);
    place.outbox.connect({ postMessage } as unknown as PostTarget, first);
  }

  resumeStores(): void {
    for (const place of this.places) place.shard?.resume();
  }

  /** Lets everything that can happen by itself happen, until nothing does; sockets stay as they are. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      let moved = false;
      this.endTurn();
      for (const place of this.places) {
        while (this.workShard(place)) moved = true;
        this.endShardTurn(place);
        while (place.store.waiting > 0) {
          place.store.answer(0);
          this.endShardTurn(place);
          if (!place.ready) await nextTurn();
          moved = true;
        }
        while (this.workMain(place)) moved = true;
      }
      if (this.places.some((place) => place.shard !== undefined && !place.ready)) await nextTurn();
      quiet = moved ? 0 : quiet + 1;
    }
  }

  /** Puts the last word to every shard. */
  drain(): void {
    for (const { outbox } of this.places) {
      putFlush(outbox.batch, 1);
      putDrain(outbox.batch);
      outbox.schedule();
    }
  }

  #handler({ outbox }: Place): ToMainHandler {
    return {
      attached: (number, receiving) => {
        const session = this.sessions.get(number);
        if (session !== undefined) session.standing = receiving ? 'receiving' : 'send-only';
      },
      delivered: (number, frames) => {
        const session = this.sessions.get(number);
        if (session === undefined) throw new Error(`mail for nobody: number ${number}`);
        session.handed += Buffer.from(frames.bytes).toString('latin1');
        session.writer.deliver(frames);
      },
      settled: (number) => this.sessions.delete(number),
      noticed: (sender, kind, name, more) => {
        if (more === 0) this.onNotice(this.sessions.get(sender), kind, Buffer.from(name).toString());
      },
      whoIs: () => undefined,
      worked: (bytes) => outbox.acknowledge(bytes),
      flushed: () => undefined,
      storeFailed: () => undefined,
    };
  }
}

export type { Place };

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
