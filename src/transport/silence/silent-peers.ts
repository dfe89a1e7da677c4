/**
 * Finds peers that have vanished: nothing acknowledges the bytes that are under way to them. TCP itself gives up after
 * a quarter of an hour, and the name stays taken for that long. Linux has a table of connections that wait for an
 * answer (tcp-table.ts). On other systems only the keep-alive of TCP finds such peers.
 *
 * A peer that exists and merely does not read answers the probes of its window, so it never counts as vanished.
 */
import { readFile } from 'node:fs/promises';
import type { Config } from '../../shared/common/config.ts';
import { plainAddress } from '../../shared/visitors/address-key.ts';
import type { Peer, Transport } from '../transport.ts';
import { type UnansweredRow, unansweredRows } from './tcp-table.ts';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** The table is read this often in the time that a peer may be silent. */
const LOOKS_A_SILENCE = 4;

/** A peer that is watched. */
export interface WatchedPeer {
  readonly transport: Pick<Transport, 'peer' | 'takenBytes'>;
}

/** The options of a watch. */
export interface SilentPeersOptions<P> {
  readonly silentSeconds: number;
  readonly localPort: number;
  /** The peers that are connected now. */
  readonly peers: () => readonly P[];
  /** Called for a peer that was silent for `silentSeconds`. */
  readonly silent: (peer: P) => void;
  readonly readTables?: () => Promise<readonly Buffer[]>;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/** A peer that has not answered since `since`, in milliseconds. */
interface Suspect {
  readonly since: number;
  readonly first: UnansweredRow;
  last: UnansweredRow;
  /** The most bytes that it can have acknowledged. */
  acknowledgedAtMost: number;
}

/** The watch over the peers of one port. */
export class SilentPeers<P extends WatchedPeer> {
  readonly #options: SilentPeersOptions<P>;
  readonly #readTables: () => Promise<readonly Buffer[]>;
  readonly #now: () => number;
  #silentSeconds: number;
  #suspects = new Map<P, Suspect>();
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: SilentPeersOptions<P>) {
    this.#options = options;
    this.#silentSeconds = options.silentSeconds;
    this.#readTables = options.readTables ?? readTables;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Reads the table again and again, until `end`. Does nothing on a system other than Linux. */
  start(): void {
    if (process.platform === 'linux') this.#lookLater();
  }

  /** Goes on with another time that a peer may be silent. What is known of suspects stays. */
  startAnew(silentSeconds: number): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#silentSeconds = silentSeconds;
    this.start();
  }

  /** Stops the watch. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** Reads the table once. */
  async look(): Promise<void> {
    if (this.#options.peers().length === 0) return;
    const takenBefore = new Map([...this.#suspects.keys()].map((peer) => [peer, peer.transport.takenBytes]));
    const tables = await this.#readTables();
    if (this.#ended) return;
    const suspects = new Map<P, Suspect>();
    for (const [peer, row] of this.#match(tables.flatMap((table) => unansweredRows(table, this.#options.localPort)))) {
      suspects.set(peer, this.#judge(peer, row, takenBefore.get(peer) ?? 0));
    }
    this.#suspects = suspects;
    for (const [peer, suspect] of suspects) if (this.#isSilent(suspect)) this.#options.silent(peer);
  }

  #lookLater(): void {
    const ms = (this.#silentSeconds * 1000) / LOOKS_A_SILENCE;
    const timer = setTimeout(() => {
      void this.look().finally(() => {
        // Meanwhile it may have been started anew.
        if (!this.#ended && this.#timer === timer) this.#lookLater();
      });
    }, ms);
    this.#timer = timer.unref();
  }

  /** @returns each row with its peer */
  #match(rows: readonly UnansweredRow[]): [P, UnansweredRow][] {
    if (rows.length === 0) return [];
    const ofPort = new Map<number, P[]>();
    for (const peer of this.#options.peers()) {
      const { port } = endOf(peer);
      if (port !== undefined) ofPort.set(port, [...(ofPort.get(port) ?? []), peer]);
    }
    return rows.flatMap((row): [P, UnansweredRow][] => {
      const isOf = (other: P) => plainAddress(endOf(other).address ?? '') === row.address;
      const peer = ofPort.get(row.port)?.find(isOf);
      return peer === undefined ? [] : [[peer, row]];
    });
  }

  /** @param takenBefore the bytes that the kernel had taken for the peer before the table was read */
  #judge(peer: P, row: UnansweredRow, takenBefore: number): Suspect {
    const acknowledgedAtMost = peer.transport.takenBytes - row.unacknowledgedBytes;
    const known = this.#suspects.get(peer);
    const answered =
      known === undefined ||
      known.first.what !== row.what ||
      row.times < known.last.times ||
      takenBefore - row.unacknowledgedBytes > known.acknowledgedAtMost;
    if (answered) return { since: this.#now(), first: row, last: row, acknowledgedAtMost };
    known.last = row;
    known.acknowledgedAtMost = Math.min(known.acknowledgedAtMost, acknowledgedAtMost);
    return known;
  }

  /**
   * Whether a suspect was silent for long enough. A peer that exists, but had no room for what was under way, can stay
   * in the table for ever as one with a retransmission. It answers that, so its count of retransmissions does not rise.
   */
  #isSilent({ since, first, last }: Suspect): boolean {
    const counted = last.what !== 'retransmission' || last.times > first.times;
    return counted && this.#now() - since >= this.#silentSeconds * 1000;
  }
}

/** The other end of the socket, which the table of the system has. */
function endOf({ transport: { peer } }: WatchedPeer): Pick<Peer, 'address' | 'port'> {
  return peer.socket ?? peer;
}

/**
 * Starts to watch for peers that are silent for PEER_SILENT_SECONDS.
 * @param silent is called for each peer that has vanished
 */
export function watchSilence<S extends WatchedPeer>(
  { PEER_SILENT_SECONDS: silentSeconds }: Config,
  localPort: number,
  sessions: () => readonly S[],
  silent: (session: S) => void,
): SilentPeers<S> {
  const watch = new SilentPeers<S>({
    silentSeconds,
    localPort,
    peers: sessions,
    silent,
  });
  watch.start();
  return watch;
}

/** A table that does not exist, or cannot be read now, counts as empty, so no peer counts as silent. */
function readTables(): Promise<readonly Buffer[]> {
  return Promise.all(TABLES.map((path) => readFile(path).catch(() => Buffer.alloc(0))));
}
