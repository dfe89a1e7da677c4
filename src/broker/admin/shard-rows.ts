/** What an operator is shown of each shard: what it holds, and what it has done since the last look. */

import type { ShardStats, ShardTimes } from '../../shared/wire/port/control.ts';
import type { ShardRow } from './answers.ts';

/** What is known of one shard at a time. */
export interface ShardLook {
  readonly stats: ShardStats | undefined;
  readonly times: ShardTimes | undefined;
  readonly restarts: number;
  readonly restartedAt: number | undefined;
}

/** What one shard had counted at the last look. */
interface Counted {
  readonly restarts: number;
  readonly received: number;
  readonly delivered: number;
  readonly delays: number;
  readonly delaySeconds: number;
}

const NOTHING: Counted = { restarts: 0, received: 0, delivered: 0, delays: 0, delaySeconds: 0 };

/** Makes rows of looks, one after another. */
export class ShardRows {
  #last: readonly Counted[] = [];
  #lastAt: number | undefined;

  /** @param nowMs a monotonic clock, in milliseconds */
  next(looks: readonly ShardLook[], nowMs: number): ShardRow[] {
    const seconds = this.#lastAt === undefined ? 0 : (nowMs - this.#lastAt) / 1000;
    const counted = looks.map(countedOf);
    const rows = looks.map((look, shard) =>
      rowOf(shard, look, counted[shard] ?? NOTHING, this.#before(shard), seconds),
    );
    this.#last = counted;
    this.#lastAt = nowMs;
    return rows;
  }

  #before(shard: number): Counted {
    return this.#last[shard] ?? NOTHING;
  }
}

function rowOf(shard: number, look: ShardLook, now: Counted, last: Counted, seconds: number): ShardRow {
  const { stats, times, restarts, restartedAt } = look;
  // A shard begins to count anew when it has crashed.
  const before = last.restarts === now.restarts && last.received <= now.received ? last : NOTHING;
  const rate = (count: number) => (seconds > 0 ? Math.round(Math.max(0, count) / seconds) : 0);
  const delays = now.delays - before.delays;
  return {
    shard,
    up: stats !== undefined,
    restarts,
    lastRestartAt: restartedAt ?? null,
    receivedPerSecond: rate(now.received - before.received),
    deliveredPerSecond: rate(now.delivered - before.delivered),
    heldMessages: stats?.heldMessages ?? 0,
    heldBytes: stats?.heldBytes ?? 0,
    names: stats?.names ?? 0,
    memoryBytes: stats?.memoryBytes ?? 0,
    threadBytes: times?.threadBytes ?? 0,
    loopDelayMs: delays > 0 ? Math.round(((now.delaySeconds - before.delaySeconds) / delays) * 10_000) / 10 : 0,
  };
}

function countedOf({ stats, times, restarts }: ShardLook): Counted {
  const loop = times?.loopDelay;
  return {
    restarts,
    received: stats === undefined ? 0 : receivedOf(stats),
    delivered: stats?.delivered ?? 0,
    delays: loop?.counts.reduce((sum, count) => sum + count, 0) ?? 0,
    delaySeconds: loop?.sumSeconds ?? 0,
  };
}

/** The messages that came to a shard: each was delivered at once, held, refused, or a repeat. */
function receivedOf({ delivered, fed, held, queued, repeats, dropped }: ShardStats): number {
  const refused =
    dropped.UNKNOWN_NAME +
    dropped.MAILBOX_MESSAGES +
    dropped.MAILBOX_BYTES +
    dropped.HELD_BYTES +
    dropped.STORE_UNWRITABLE;
  return delivered - fed + held + queued + repeats + refused;
}
