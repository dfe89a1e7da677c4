/**
 * The figures of a broker: what it has counted, and what is there now. They are put together when somebody asks, so
 * that nothing is done for them on the way of a message.
 */
import type { Router } from '../router/router.ts';
import type { AuthCounts } from '../session/auth/auth-counts.ts';
import { SPEAKS, type Speaks } from '../session/program/program.ts';
import type { Settings } from '../shared/common/config/settings.ts';
import { droppedLogLines } from '../shared/common/log/log.ts';
import { since } from '../shared/common/serial-arithmetic.ts';
import type { SlowedBy } from '../shared/visitors/rates.ts';
import type { ShardStats, ShardTimes } from '../shared/wire/port/control.ts';
import { DurationCounts, type Durations, LoopDelay } from '../shared/wire/port/durations.ts';
import type { TlsFigures } from '../transport/listeners.ts';
import { TRANSPORT_KINDS, type TransportKind } from '../transport/transport.ts';
import type { ConnectionCounts, CountedSession, Traffic } from './connections/connection-counts.ts';
import { memoryBound } from './memory-bound.ts';
import type { ReloadFigures } from './reload/reloads.ts';

/** How often the delay of the event loop is measured. */
const LOOP_PERIOD_MS = 1_000;

/** One shard. What it has counted begins at 0 after a crash. */
interface ShardFigures {
  /** Undefined while it is down. */
  readonly stats: ShardStats | undefined;
  readonly times: ShardTimes | undefined;
  readonly restarts: number;
  readonly postedBytes: number;
  readonly unacknowledgedBytes: number;
}

/** Open connections that are of one kind. */
interface OpenKind {
  readonly speaks: Speaks;
  readonly transport: TransportKind;
  open: number;
}

/** The open connections. */
interface OpenFigures {
  readonly kinds: readonly OpenKind[];
  /** Messages that writers have in hand: not written yet, or not acknowledged by a program. */
  readonly inHand: number;
  readonly unacknowledged: number;
}

/** All figures. */
export interface BrokerFigures {
  readonly shards: readonly ShardFigures[];
  readonly open: OpenFigures;
  readonly traffic: Traffic;
  readonly counts: ConnectionCounts;
  readonly auth: AuthCounts;
  /** Sessions that were slowed, by which rate. */
  readonly slowed: ReadonlyMap<SlowedBy, number>;
  /** The messages that peers have sent and that were routed to all their names. */
  readonly received: number;
  readonly mainLoopDelay: Durations;
  /** How long records took through a shard and back, sampled each time that the figures are asked for. */
  readonly roundTrip: Durations;
  readonly memoryBytes: number;
  readonly memoryBoundBytes: number;
  readonly maxConnections: number;
  readonly cpuSeconds: number;
  readonly logLinesDropped: number;
  readonly reloads: ReloadFigures;
  /** Undefined if there is no TLS. */
  readonly tls: TlsFigures | undefined;
}

/** What the figures are taken from. */
interface Counted {
  readonly shards: {
    readonly restarts: readonly number[];
    stats(): Promise<readonly (ShardStats | undefined)[]>;
    times(): Promise<readonly (ShardTimes | undefined)[]>;
    flushed(): Promise<unknown>;
  };
  readonly router: Pick<Router, 'outboxes' | 'routed'>;
  readonly open: ReadonlyMap<CountedSession, unknown>;
  readonly counts: ConnectionCounts;
  readonly auth: AuthCounts;
  readonly slowed: ReadonlyMap<SlowedBy, number>;
  readonly settings: Settings;
  readonly reloads: { readonly figures: ReloadFigures };
  readonly ports: { readonly figures: TlsFigures | undefined };
}

/** The figures of one broker. */
export class Figures {
  readonly #counted: Counted;
  readonly #loopDelay = new LoopDelay(LOOP_PERIOD_MS);
  readonly #timer: NodeJS.Timeout;
  readonly #roundTrip = new DurationCounts();
  #sampling = false;

  constructor(counted: Counted) {
    this.#counted = counted;
    this.#timer = setInterval(() => this.#loopDelay.tick(), LOOP_PERIOD_MS);
    this.#timer.unref();
  }

  /** Stops the timer. */
  end(): void {
    clearInterval(this.#timer);
  }

  async take(): Promise<BrokerFigures> {
    const { shards, router, counts, auth, slowed, open, settings, reloads, ports } = this.#counted;
    const [stats, times] = await Promise.all([shards.stats(), shards.times()]);
    this.#sampleRoundTrip();
    const config = settings.current;
    const { user, system } = process.cpuUsage();
    return {
      shards: router.outboxes.map((outbox, shard) => ({
        stats: stats[shard],
        times: times[shard],
        restarts: shards.restarts[shard] ?? 0,
        postedBytes: outbox.postedBytes,
        unacknowledgedBytes: outbox.unacknowledgedBytes,
      })),
      open: openFigures(open.keys()),
      traffic: counts.trafficWith(open.keys()),
      counts,
      auth,
      slowed,
      received: router.routed,
      mainLoopDelay: this.#loopDelay.now,
      roundTrip: this.#roundTrip.now,
      memoryBytes: process.memoryUsage.rss(),
      memoryBoundBytes: memoryBound(config).total,
      maxConnections: config.MAX_CONNECTIONS,
      cpuSeconds: (user + system) / 1e6,
      logLinesDropped: droppedLogLines(),
      reloads: reloads.figures,
      tls: ports.figures,
    };
  }

  /** Measures in the background: while a shard is down, its answer waits for the next life. */
  #sampleRoundTrip(): void {
    if (this.#sampling) return;
    this.#sampling = true;
    const before = performance.now();
    void this.#counted.shards.flushed().then(() => {
      this.#sampling = false;
      this.#roundTrip.add(performance.now() - before);
    });
  }
}

function openFigures(sessions: Iterable<CountedSession>): OpenFigures {
  const kinds = SPEAKS.flatMap((speaks) => TRANSPORT_KINDS.map((transport) => ({ speaks, transport, open: 0 })));
  let inHand = 0;
  let unacknowledged = 0;
  for (const { speaks, transport, writer } of sessions) {
    const kind = kinds.find((each) => each.speaks === speaks && each.transport === transport.kind);
    if (kind !== undefined) kind.open++;
    const { handedFrames, writtenFrames } = writer.progress;
    const frames = since(handedFrames, writtenFrames);
    inHand += frames;
    if (speaks === 'acknowledging') unacknowledged += frames;
  }
  return { kinds, inHand, unacknowledged };
}
