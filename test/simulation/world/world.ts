/**
 * A whole broker without threads, sockets, disk or clock: the real router, outboxes, writers, shards and mailrooms, and
 * between them queues that the caller moves on as it likes.
 */
import type { Outbox, PostTarget } from '../../../src/router/outbox.ts';
import { Router } from '../../../src/router/router.ts';
import { SessionTable, type TableLog } from '../../../src/session/session-table.ts';
import type { Lending } from '../../../src/shards/memory-plan.ts';
import { reattachment } from '../../../src/shards/reattach.ts';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import type { LentBuffers } from '../../../src/shared/memory/buffer-pool.ts';
import { BatchBuilder, isLoan, type Post, type PostedValue, posted, received } from '../../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../../src/shared/wire/control.ts';
import { prefixOf } from '../../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../../src/shared/wire/shard-task.ts';
import { readToMain, type ShardNotice, type ToMainHandler } from '../../../src/shared/wire/to-main.ts';
import { putBegin, putDrain, putFlush } from '../../../src/shared/wire/to-shard.ts';
import { Shard } from '../../../workers/shard/shard.ts';
import { OverwrittenBuffers } from '../../helpers/unit/lending.ts';
import { lineOf } from '../../helpers/unit/lines.ts';
import { PaperBudget } from '../../helpers/unit/shard.ts';
import { twoSlabs } from '../../helpers/unit/writer.ts';
import { type Disk, DiskStore } from './disk.ts';
import { SimSession } from './session.ts';

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
  /** What a part of a list may ask for: little, and a line to two names is routed over two turns. */
  readonly partCostBytes: number;
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
  readonly sessions = new SessionTable<SimSession>({
    debug: () => undefined,
    error: (_: unknown, text?: string) => {
      throw new Error(text);
    },
  } as TableLog);
  /** What shards of lives that are over have dropped. */
  readonly past: ShardStats[] = [];
  /** Told of every line that is routed. */
  onRoute: (sender: SimSession, to: readonly string[], body: string) => void = () => {};
  /** Told of every session that has got its mail and ends, because its peer has ended its side. */
  onLeave: (session: SimSession) => void = () => {};
  /** Told of every notice a shard asks for. */
  onNotice: (sender: SimSession, kind: ShardNotice, name: string) => void = () => {};
  now: number;
  #turn: (() => void)[] = [];
  readonly #later = new Set<() => void>();
  readonly #slabs = twoSlabs();
  readonly #compares = new Set<number>();

  /** @param compare whether the first life of each shard counts all mail of the store */
  constructor(settings: WorldSettings, disk: Disk, now: number, compare: boolean) {
    if (compare) for (let shard = 0; shard < settings.shards; shard++) this.#compares.add(shard);
    this.settings = settings;
    this.disk = disk;
    this.now = now;
    const lending = Array.from({ length: settings.shards }, () => ({ toShard: fewBuffers(), toMain: fewBuffers() }));
    this.router = new Router(settings.shards, {
      endOfTurn: (step) => this.#turn.push(step),
      lentTo: (shard) => lending[shard]?.toShard,
      partCostBytes: settings.partCostBytes,
    });
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
    const session = new SimSession(this.sessions.nextNumber(), name, {
      router: this.router,
      slabs: this.#slabs,
      strict: this.settings.strict,
      route: (sender, line, namesDone) => this.#route(sender, line, namesDone),
      nextTurn: (step) => this.#turn.push(step),
      later: (step) => {
        this.#later.add(step);
        return () => this.#later.delete(step);
      },
      notice: (sender, { kind, name }) => this.onNotice(sender, kind, Buffer.from(name).toString()),
      leaves: (left) =>
        this.#turn.push(() => {
          if (!left.ended) this.onLeave(left);
          left.end();
        }),
    });
    this.sessions.add(session);
    return session;
  }

  /** Routes a line, or the next part of it. @returns how many of its names are done; undefined if all are */
  #route(session: SimSession, line: string, namesDone: number): number | undefined {
    if (this.settings.strict && session.standing !== 'receiving') throw new Error('a line under the name of another');
    const [names = '', body = ''] = line.split(':');
    const to = names.split(',');
    const prefix = prefixOf(Buffer.concat([Buffer.from('from '), session.name, Buffer.from(': ')]));
    const result = this.router.route(session.number, prefix, lineOf(Buffer.from(line)), namesDone, 1);
    const done = result === 'in part' ? this.router.namesDone : to.length;
    if (result !== 'routed' && result !== 'in part') throw new Error('so little cannot congest an outbox');
    this.onRoute(session, to.slice(namesDone, done), body);
    return result === 'in part' ? done : undefined;
  }

  /** The main thread's turn is over. */
  endTurn(): void {
    for (const step of this.#turn.splice(0)) step();
    for (const session of this.sessions.values()) session.socket.tick();
  }

  /** A while has passed. */
  pass(): void {
    for (const step of this.#later) {
      this.#later.delete(step);
      step();
    }
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
    const { handed, first } = reattachment(this.sessions.ofShard(place.index), place.outbox.batch);
    const mine = (name: Uint8Array) => shardOf(hashName(name), this.places.length) === place.index;
    const compare = this.#compares.delete(place.index);
    shard.load(mine, handed, compare).then(
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

  /** The store is opened anew for all. */
  resumeStores(): void {
    this.disk.broken = false;
    for (const place of this.places) place.shard?.resume();
  }

  /** Time passes by itself too: what could not be read is asked for again. */
  tick(): void {
    for (const { ready, shard } of this.places) if (ready) shard?.tick();
  }

  /** Lets everything that can happen by itself happen, until nothing does; sockets stay as they are. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      let moved = false;
      this.tick();
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
      this.pass();
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

  #handler({ index, outbox }: Place): ToMainHandler {
    const handler = this.sessions.handler(index);
    return {
      ...handler,
      delivered: (number, frames) => {
        const session = this.sessions.get(number);
        if (session === undefined) throw new Error(`mail for nobody: number ${number}`);
        session.noteHanded(frames);
        handler.delivered(number, frames);
      },
      worked: (bytes) => outbox.acknowledge(bytes),
      flushed: () => undefined,
      storeFailed: () => undefined,
      limited: () => undefined,
    };
  }
}

export type { Place, SimSession };

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
