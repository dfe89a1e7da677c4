/** How a broker stops: in five stages, each with what is true after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../session/session.ts';
import type { Shards } from '../shards/shards.ts';
import { Deadline } from '../shared/common/deadline.ts';
import type { Log } from '../shared/common/log/log.ts';
import type { StoreGuard } from '../store/guard/store-guard.ts';
import type { Listener } from '../transport/listener.ts';
import { sayTotals } from './drop-reports.ts';

/** The part of DRAIN_SECONDS that writers may take; the shards have the rest, and what the writers did not need. */
const WRITERS_SHARE = 0.75;
/** How long a shutdown waits for peers to close their side once all is written. */
const LINGER_MS = 500;
/** A shutdown asks this often whether mail still waits for peers that are here, and gives up when it moves no more. */
const FEED_POLL_MS = 5;
const STALLED_MS = 1_000;

type StoppableSession = Pick<
  Session,
  'quiesce' | 'notice' | 'end' | 'abandon' | 'whenLeft' | 'standing' | 'hasGatedLines'
>;

/** What is stopped. */
export interface Running {
  readonly listener: Pick<Listener, 'close' | 'abandonRefused'>;
  /** The sessions whose sockets are open, and the promise of each that it is closed. */
  readonly open: ReadonlyMap<StoppableSession, Promise<void>>;
  readonly shards: Pick<Shards, 'flushed' | 'drain' | 'destroy'>;
  readonly keeper: Pick<StoreGuard, 'close'>;
  /** Whether lines that were read wait for their turn, or for a shard. */
  hasUnrouted(): boolean;
}

/**
 * Stops a broker in stages.
 * @param drainMs how long all stages may take
 * @throws Error if in that time lines that were read could not be routed, or shards could not drain or store what they
 *   hold
 */
export async function shutDown(running: Running, drainMs: number, log: Log): Promise<void> {
  const { listener, open, shards, keeper } = running;

  // 1. Nobody new. After this the set of sessions only shrinks.
  listener.close();

  // 2. Nothing new. After this every line that was read has been routed, and what came of it is with the writers.
  const sessions = [...open.keys()];
  for (const session of sessions) session.quiesce();
  const deadline = new Deadline(drainMs);
  const writersDeadline = new Deadline(drainMs * WRITERS_SHARE);
  const routed = await writersDeadline.race(routedAll(running, writersDeadline));
  const gated = sessions.some(({ hasGatedLines }) => hasGatedLines);
  const linesAreLost = routed !== true && (gated || running.hasUnrouted());

  // 3. The readers end, and by that the writers: each finishes its write, or is cut off at the deadline. Peers may
  // then close their side; those that do not are closed. After this every writer has put its last return.
  for (const session of sessions) {
    session.notice({ code: 'STOPPING' });
    session.end();
  }
  await writersDeadline.race(Promise.all(sessions.map((session) => session.whenLeft)));
  const linger = new Deadline(Math.min(LINGER_MS, writersDeadline.leftMs));
  await linger.race(Promise.all(open.values()));
  for (const session of open.keys()) session.abandon();
  listener.abandonRefused();
  await Promise.all(open.values());
  linger.clear();
  writersDeadline.clear();

  // 4. Each shard is told to drain, behind all returns. After this every frame is accounted for, and the threads
  // have nothing left to do.
  const stats = await deadline.race(shards.drain());
  deadline.clear();
  if (stats !== undefined) sayTotals(stats, log);

  // 5. Nothing keeps the process any more, and another broker may have the store.
  await shards.destroy();
  await keeper.close(stats === undefined ? 'broken off' : 'in order');
  if (stats === undefined) throw new Error('shards did not drain in time: what was not in the store yet is lost');
  if (linesAreLost) throw new Error('not all lines that were read could be routed in time: the others are lost');
}

/**
 * Resolves when no session waits for a shard, the shards have worked off everything, the store has done what it was
 * asked, and no mail waits for a peer that is here; or when only such mail is left and has not become less for a while,
 * because its peers do not read.
 * @returns false if the time was over first
 */
async function routedAll({ open, shards, hasUnrouted }: Running, deadline: Deadline): Promise<boolean> {
  let least = Number.POSITIVE_INFINITY;
  let movedAt = performance.now();
  for (;;) {
    // What a session has read goes out when its shard has answered, which is behind this flush.
    const asking = [...open.keys()].some(({ standing }) => standing === 'asked' || standing === 'authenticating');
    const { waiting, storing } = await shards.flushed();
    if (waiting === 0 && !storing && !asking && !hasUnrouted()) break;
    // Lists go out in parts, at the pace of the disk: while there are any, or the disk is at work, things move.
    if (waiting < least || storing || hasUnrouted()) {
      least = Math.min(least, waiting);
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > STALLED_MS) return true;
    if (deadline.leftMs === 0) return false;
    await sleep(FEED_POLL_MS);
  }
  // What came of the last words has been handed to the writers when this is answered.
  await shards.flushed();
  return true;
}
