/** Stops a broker in five stages. Each stage names what is true after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServer } from '../http/server.ts';
import type { Session } from '../session/session.ts';
import type { Shards } from '../shards/shards.ts';
import { Deadline } from '../shared/common/deadline.ts';
import type { Log } from '../shared/common/log/log.ts';
import type { StoreGuard } from '../store/guard/store-guard.ts';
import type { Listeners } from '../transport/listeners.ts';
import { sayTotals } from './drop-reports.ts';

/** The part of DRAIN_SECONDS that the writers may take. The shards have the rest, and what the writers did not use. */
const WRITERS_SHARE = 0.75;
/** How long peers may take to close their side once everything is written. */
const LINGER_MS = 500;
/** How often the shutdown asks whether mail still waits for connected peers. */
const FEED_POLL_MS = 5;
/** The shutdown gives up on that mail when it has not become less for this long. */
const STALLED_MS = 1_000;

type StoppableSession = Pick<
  Session,
  'quiesce' | 'notice' | 'end' | 'abandon' | 'whenLeft' | 'standing' | 'hasGatedLines'
>;

/** The parts that are stopped. */
export interface Running {
  readonly listener: Pick<Listeners, 'close' | 'abandonRefused'>;
  /** The sessions whose sockets are open, each with a promise that resolves when its socket is closed. */
  readonly open: ReadonlyMap<StoppableSession, { readonly closed: Promise<void> }>;
  readonly shards: Pick<Shards, 'flushed' | 'drain' | 'destroy'>;
  readonly guard: Pick<StoreGuard, 'close'>;
  /** Undefined if HTTP is off. It answers until the shards have drained, and says meanwhile that nothing is ready. */
  readonly http: Pick<HttpServer, 'close'> | undefined;
  /** Whether lines that were read still wait, for the next turn of the event loop or for a congested shard. */
  hasUnrouted(): boolean;
}

/**
 * Stops a broker in stages.
 * @param drainMs how long all stages may take, in milliseconds
 * @throws Error if lines that were read could not be routed in that time, or shards could not drain or store their mail
 */
export async function shutDown(running: Running, drainMs: number, log: Log): Promise<void> {
  const { listener, open, shards, guard, http } = running;

  // 1. No new connection is accepted. After this the set of sessions only shrinks.
  listener.close();

  // 2. Nothing more is read. After this every line that was read is routed, and what its shards deliver is with the
  //    writers.
  const sessions = [...open.keys()];
  for (const session of sessions) session.quiesce();
  const deadline = new Deadline(drainMs);
  const writersDeadline = new Deadline(drainMs * WRITERS_SHARE);
  const routed = await writersDeadline.race(routedAll(running, writersDeadline));
  const gated = sessions.some(({ hasGatedLines }) => hasGatedLines);
  const linesAreLost = routed !== true && (gated || running.hasUnrouted());

  // 3. The readers end, which stops the writers. Each writer finishes its write, or is cut off at the deadline. Peers
  //    may then close their side; those that do not are closed. After this every writer has put its last return in an
  //    outbox.
  for (const session of sessions) {
    session.notice({ code: 'STOPPING' });
    session.end();
  }
  await writersDeadline.race(Promise.all(sessions.map((session) => session.whenLeft)));
  const linger = new Deadline(Math.min(LINGER_MS, writersDeadline.leftMs));
  await linger.race(allClosed(open));
  for (const session of open.keys()) session.abandon();
  listener.abandonRefused();
  await allClosed(open);
  linger.clear();
  writersDeadline.clear();

  // 4. Each shard drains, after all returns. After this every frame is accounted for, and the threads are idle.
  const stats = await deadline.race(shards.drain());
  deadline.clear();
  if (stats !== undefined) sayTotals(stats, log);

  // 5. The threads end and the store is closed. After this nothing keeps the process alive, and another broker can open
  //    the store.
  await Promise.all([http?.close(), shards.destroy()]);
  await guard.close(stats === undefined ? 'broken off' : 'in order');
  if (stats === undefined) throw new Error('shards did not drain in time: what was not in the store yet is lost');
  if (linesAreLost) throw new Error('not all lines that were read could be routed in time: the others are lost');
}

/**
 * Resolves when all of this is true: no session waits for a shard, the shards have processed everything, the store has
 * no request open, and no mail waits for a connected peer. Also resolves when only such mail is left and has not become
 * less for STALLED_MS, because its peers do not read.
 * @returns false if the deadline passed first
 */
async function routedAll({ open, shards, hasUnrouted }: Running, deadline: Deadline): Promise<boolean> {
  let least = Number.POSITIVE_INFINITY;
  let movedAt = performance.now();
  for (;;) {
    // The lines of a session that waits for its name are routed after the answer of its shard, which comes after this
    // flush.
    const asking = [...open.keys()].some(({ standing }) => standing === 'asked' || standing === 'authenticating');
    const { waiting, storing } = await shards.flushed();
    if (waiting === 0 && !storing && !asking && !hasUnrouted()) break;
    // Long lists are routed in parts, at the pace of the disk. While parts are left, or the store works, there is
    // progress.
    if (waiting < least || storing || hasUnrouted()) {
      least = Math.min(least, waiting);
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > STALLED_MS) return true;
    if (deadline.leftMs === 0) return false;
    await sleep(FEED_POLL_MS);
  }
  // The answer to this flush comes after the deliveries that followed from the last lines.
  await shards.flushed();
  return true;
}

async function allClosed(open: Running['open']): Promise<void> {
  await Promise.all(Array.from(open.values(), ({ closed }) => closed));
}
