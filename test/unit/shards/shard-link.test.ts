/** A shard as the main thread reaches it, with threads on paper. */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../src/router/outbox.ts';
import { type ShardCalls, type ShardLife, ShardLink, type ShardThread } from '../../../src/shards/shard-link.ts';
import { BatchBuilder, type PostedValue, posted } from '../../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../../src/shared/wire/port/control.ts';
import type { ToMainHandler } from '../../../src/shared/wire/read-to-main.ts';
import { putFlushed } from '../../../src/shared/wire/to-main.ts';
import { PaperPort, put } from '../../helpers/unit/outbox.ts';
import { overwrittenPools } from '../../helpers/unit/overwritten-buffers.ts';
import { postOf, putToShard, valuesToShard } from '../../helpers/unit/records.ts';

const STATS = { names: 3 } as ShardStats;

class PaperThread implements ShardThread {
  readonly port = new PaperPort();
  readonly target = this.port.asPort;
  /** What the shard has posted and nobody has taken. */
  readonly left: PostedValue[] = [];
  runs = 0;
  closed = false;
  take: (value: PostedValue) => void = () => undefined;
  closePort: () => void = () => undefined;
  drain: (stats: ShardStats) => void = () => undefined;
  crash: (error: unknown) => void = () => undefined;
  readonly control: ShardCalls = {
    stats: async () => STATS,
    times: () => new Promise(() => undefined),
    names: () => new Promise(() => undefined),
    mail: () => new Promise(() => undefined),
    purge: () => new Promise(() => undefined),
    purgeOne: () => new Promise(() => undefined),
    throwAtNextBatch: async () => undefined,
    setLimits: async () => undefined,
    suspendStore: async () => undefined,
    resumeStore: () => new Promise(() => undefined),
  };

  listen(take: (value: PostedValue) => void, closed: () => void): void {
    this.take = take;
    this.closePort = closed;
  }

  run(): Promise<ShardStats> {
    this.runs++;
    return new Promise((resolve, reject) => {
      this.drain = resolve;
      this.crash = reject;
    });
  }

  next(): PostedValue | undefined {
    return this.left.shift();
  }

  close(): void {
    this.closed = true;
  }

  /** What has been posted to it, as the kinds of its records. */
  get kinds(): string[] {
    return this.port.posts.flatMap((post) => valuesToShard(post).values.map(({ kind }) => kind));
  }
}

function scene() {
  const pools = overwrittenPools(2, 256);
  const outbox = new Outbox();
  const happened: string[] = [];
  const handler = { flushed: (flushId: number) => happened.push(`flushed ${flushId}`) } as unknown as ToMainHandler;
  const link = new ShardLink(4, outbox, pools, handler, () => happened.push('malformed'));
  const live = (changes: Partial<ShardLife> = {}) => {
    const thread = new PaperThread();
    const ended = () => happened.push('ended');
    const life = link.live({ thread, first: undefined, begin: () => undefined, ended, ...changes });
    life.catch(() => undefined);
    return { thread, life };
  };
  const out = new BatchBuilder(pools.toMain);
  /** What a shard posts that answers a flush. */
  const answer = (flushId: number): PostedValue => {
    putFlushed(out, flushId, 0, false);
    const post = out.take();
    if (post === undefined) throw new Error('nothing was put');
    return posted(post)[0];
  };
  return { link, outbox, pools, happened, live, answer };
}

describe('a life of a shard', () => {
  it('begins with what it must know, then what was gathered, then the word to begin', async () => {
    const { outbox, live } = scene();
    put(outbox, 1);
    const first = postOf(putToShard, [{ kind: 'who is', asker: 1, name: 'bob', question: 0 }]);
    const { thread } = live({ first, begin: ({ batch }) => putToShard(batch, { kind: 'drain' }) });
    await endOfTurn();
    expect(thread.kinds).toEqual(['who is', 'flush', 'begin', 'drain']);
    expect(thread.runs).toBe(1);
  });

  it('is heard, and its buffers are released', async () => {
    const { pools, happened, live, answer } = scene();
    const { thread } = live();
    const value = answer(7);
    expect(pools.toMain.leasedCount).toBe(1);
    thread.take(value);
    expect(happened).toEqual(['flushed 7']);
    expect(pools.toMain.leasedCount).toBe(0);
  });

  it('is there at once, and answers once it has said something', async () => {
    const { link, live, answer } = scene();
    const { thread, life } = live();
    expect([link.control !== undefined, link.answers]).toEqual([true, false]);
    thread.take(answer(7));
    expect(link.answers).toBe(true);
    thread.crash(new Error('gone'));
    await expect(life).rejects.toThrow('gone');
    expect(link.answers).toBe(false);
    live();
    expect(link.answers).toBe(false);
  });

  it('is reported where it posts a batch that is none', () => {
    const { happened, live } = scene();
    live().thread.take(new Int32Array([1, 3, 0]).buffer);
    expect(happened).toEqual(['malformed']);
  });

  it('comes to what its thread has come to', async () => {
    const { live } = scene();
    const { thread, life } = live();
    thread.drain(STATS);
    expect(await life).toBe(STATS);
  });

  it('ends when all it has said is heard; then every buffer is free, and what was not worked off is counted', async () => {
    const { link, outbox, pools, happened, live, answer } = scene();
    const { thread, life } = live();
    await endOfTurn();
    thread.left.push(answer(1), answer(2));
    pools.toShard.acquire(0);
    expect([link.control, link.lostBytes]).toEqual([thread.control, 0]);
    thread.crash(new Error('crashed'));
    await expect(life).rejects.toThrow('crashed');
    expect(happened).toEqual(['flushed 1', 'flushed 2', 'ended']);
    expect([pools.toShard.leasedCount, pools.toMain.leasedCount, outbox.unacknowledgedBytes]).toEqual([0, 0, 0]);
    expect(link.control).toBeUndefined();
    expect(link.lostBytes).toBeGreaterThan(0);
    expect(thread.closed).toBe(true);
  });

  it('gets nothing more once its port is closed: that waits for the next life', async () => {
    const { outbox, live } = scene();
    const { thread, life } = live();
    await endOfTurn();
    thread.closePort();
    put(outbox, 5);
    await endOfTurn();
    thread.crash(new Error('crashed'));
    await expect(life).rejects.toThrow();
    expect(thread.kinds).toEqual(['begin']);
    const next = live();
    await endOfTurn();
    expect(next.thread.kinds).toEqual(['flush', 'begin']);
  });
});

describe('a question to a shard', () => {
  it('is answered by one that is there, and by nobody while it is down', async () => {
    const { link, live } = scene();
    await link.ask(() => Promise.reject(new Error('nobody is there')));
    live();
    let asked = false;
    await link.ask(async (control) => {
      asked = (await control.stats()) === STATS;
    });
    expect(asked).toBe(true);
  });

  it('is over when the shard ends without an answer, and what comes of that is done', async () => {
    const { link, happened, live } = scene();
    const { thread } = live();
    const answered = link.ask((control) => control.resumeStore()).then(() => happened.push('goes on'));
    await endOfTurn();
    expect(happened).toEqual([]);
    thread.crash(new Error('crashed'));
    await answered;
    expect(happened).toEqual(['ended', 'goes on']);
  });
});
