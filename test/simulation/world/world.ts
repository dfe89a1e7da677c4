/**
 * A whole broker without threads, sockets, disk or clock: the real router, outboxes, writers, shards and mailrooms, and
 * between them queues that the caller moves on as it likes.
 */
import type { Outbox } from '../../../src/router/outbox.ts';
import { Router } from '../../../src/router/router.ts';
import { SessionTable, type TableLog } from '../../../src/session/session-table.ts';
import type { Lending } from '../../../src/shards/memory-plan.ts';
import { reattachment } from '../../../src/shards/reattach.ts';
import { ShardLives, type ShardSurroundings, type ShardsHost } from '../../../src/shards/shard-lives.ts';
import type { ShardStats } from '../../../src/shared/wire/control.ts';
import { prefixOf } from '../../../src/shared/wire/message.ts';
import type { Handed, ShardSettings } from '../../../src/shared/wire/shard-task.ts';
import type { ShardNotice } from '../../../src/shared/wire/to-main.ts';
import { OverwrittenBuffers } from '../../helpers/unit/lending.ts';
import { lineOf } from '../../helpers/unit/lines.ts';
import { twoSlabs } from '../../helpers/unit/writer.ts';
import type { Disk } from './disk.ts';
import { SimSession } from './session.ts';
import { SimThread } from './thread.ts';

/** A shard through all its lives. */
export interface Place {
  readonly index: number;
  readonly outbox: Outbox;
  readonly lending: Lending;
  /** Its life at hand, or the one that is over. */
  thread: SimThread | undefined;
}

export interface WorldSettings extends ShardSettings {
  readonly shards: number;
  /** What a part of a list may ask for: little, and a line to two names is routed over two turns. */
  readonly partCostBytes: number;
}

/** Few and small, so that they run out, and are filled again and again. */
const fewBuffers = () => new OverwrittenBuffers(2, 256);

export class World {
  readonly settings: WorldSettings;
  readonly disk: Disk;
  readonly router: Router;
  readonly lives: ShardLives;
  readonly places: Place[];
  readonly sessions = new SessionTable<SimSession>({
    debug: () => undefined,
    error: (_: unknown, text?: string) => this.accuse(new Error(text)),
  } as TableLog);
  /** What shards of lives that are over have dropped. */
  readonly #past: ShardStats[] = [];
  /** Told of every line that is routed. */
  onRoute: (sender: SimSession, to: readonly string[], body: string) => void = () => {};
  /** Told of every session that has got its mail and ends, because its peer has ended its side. */
  onLeave: (session: SimSession) => void = () => {};
  /** Told of what a session's writer is about to be handed. */
  onHanded: (session: SimSession, text: string) => void = () => {};
  /** Told of every notice a shard asks for. */
  onNotice: (sender: SimSession, kind: ShardNotice, name: string) => void = () => {};
  /** Told of every life that is over because its shard has died, when all it said has been heard. */
  onDeath: (place: Place) => void = () => {};
  now: number;
  /** All shards have begun: a crash is not the end any more. */
  begun = false;
  #wrong: unknown;
  #turn: (() => void)[] = [];
  /** Crashed shards that wait to be started again. */
  #sleepers: (() => void)[] = [];
  #reopens = false;
  readonly #later = new Set<() => void>();
  readonly #slabs = twoSlabs();
  readonly #compare: boolean;

  /** @param compare whether the first life of each shard counts all mail of the store */
  constructor(settings: WorldSettings, disk: Disk, now: number, compare: boolean) {
    this.#compare = compare;
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
      thread: undefined,
    }));
    const host = {
      handler: (shard: number) => this.#handler(shard),
      reattach: (shard: number) => reattachment(this.sessions.ofShard(shard), this.router.outbox(shard).batch),
    };
    this.lives = new ShardLives(this.router.outboxes, lending, host, this.#surroundings());
    void this.lives.ready().then(() => {
      this.begun = true;
    });
  }

  /** Something is not as it must be, and whoever sees it cannot say it: `check` does. */
  accuse(error: unknown): void {
    this.#wrong ??= error;
  }

  /** @throws what something was accused of */
  check(): void {
    if (this.#wrong !== undefined) throw this.#wrong;
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

  /** What all shards of this world have done, in all their lives. */
  stats(): ShardStats[] {
    const now = this.places.filter(({ thread }) => thread !== undefined && !thread.isOver);
    return [...this.#past, ...now.flatMap(({ thread }) => thread?.shard.stats() ?? [])];
  }

  /** A shard dies, unless that would be the end. @param closes see SimThread */
  crash({ thread }: Place, closes: boolean): void {
    if (!this.begun || thread === undefined || thread.state === 'dead' || thread.state === 'drained') return;
    this.#past.push(thread.shard.stats());
    thread.die(closes);
  }

  /** The main thread hears of all shards that have died. @returns whether there was one */
  hearOfDeaths(): boolean {
    const dead = this.places.filter(({ thread }) => thread?.state === 'dead');
    for (const { thread } of dead) thread?.tellDeath();
    return dead.length > 0;
  }

  /** The supervisors have waited long enough. @returns whether one has waited */
  wake(): boolean {
    const sleepers = this.#sleepers.splice(0);
    for (const wake of sleepers) wake();
    return sleepers.length > 0;
  }

  /** The store is opened anew for all, as its keeper does it. */
  reopen(): void {
    if (this.#reopens) return;
    this.#reopens = true;
    const reopened = async () => {
      await this.lives.suspendStores();
      this.disk.broken = false;
      await this.lives.resumeStores();
      this.#reopens = false;
    };
    reopened().catch((error: unknown) => this.accuse(error));
  }

  /** Time passes by itself too: what could not be read is asked for again. */
  tick(): void {
    for (const { thread } of this.places) if (thread?.state === 'works') thread.shard.tick();
  }

  /** Lets everything that can happen by itself happen, until nothing does; sockets stay as they are. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      this.tick();
      this.endTurn();
      let moved = this.hearOfDeaths();
      await allSaid();
      for (const { thread } of this.places) if (thread !== undefined && (await settleThread(thread))) moved = true;
      if (this.wake()) moved = true;
      this.pass();
      await allSaid();
      quiet = moved ? 0 : quiet + 1;
    }
  }

  #surroundings(): ShardSurroundings {
    return {
      thread: (shard, handed) => this.#start(this.places[shard] as Place, handed),
      ended: (shard) => this.#noteEnd(this.places[shard] as Place),
      crashed: () => undefined,
      malformed: () => this.accuse(new Error('a malformed batch for the main thread')),
      sleep: () => new Promise((resolve) => this.#sleepers.push(resolve)),
      now: () => this.now * 1000,
    };
  }

  #start(place: Place, handed: readonly Handed[]): SimThread {
    const { settings, disk, places } = this;
    place.thread = new SimThread({
      index: place.index,
      shards: places.length,
      settings,
      lending: place.lending,
      disk,
      handed,
      compare: this.#compare && !this.begun,
      now: () => this.now,
    });
    return place.thread;
  }

  #noteEnd(place: Place): void {
    if (place.thread?.state !== 'dead') return;
    place.thread.state = 'gone';
    try {
      this.onDeath(place);
    } catch (error) {
      this.accuse(error);
    }
  }

  #handler(shard: number): ReturnType<ShardsHost['handler']> {
    const handler = this.sessions.handler(shard);
    return {
      ...handler,
      delivered: (number, frames) => {
        const session = this.sessions.get(number);
        if (session === undefined) this.accuse(new Error(`mail for nobody: number ${number}`));
        else if (session.standing !== 'receiving')
          this.accuse(new Error(`mail for number ${number}, whose name is another's`));
        if (session !== undefined) this.onHanded(session, session.noteHanded(frames));
        handler.delivered(number, frames);
      },
      storeFailed: () => undefined,
      limited: () => undefined,
    };
  }
}

/** Lets a thread do all it can. @returns whether it has done anything */
async function settleThread(thread: SimThread): Promise<boolean> {
  let moved = false;
  while (thread.work()) moved = true;
  thread.endTurn();
  while (thread.store.waiting > 0) {
    thread.store.answer(0);
    thread.endTurn();
    await allSaid();
    moved = true;
  }
  while (thread.handOver()) moved = true;
  return thread.answerCalls() || moved;
}

export type { SimSession };

/** Resolves when all promises that can be settled are. */
export function allSaid(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
