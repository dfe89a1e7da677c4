/**
 * Finds connections whose peers have vanished without a word: nobody acknowledges what is under way to them. TCP itself
 * gives up on those after a quarter of an hour, and their names stay taken as long. Linux says in a table which
 * connections wait for an answer (tcp-table.ts); elsewhere TCP's own keep-alive must do.
 *
 * A peer that is there and merely does not read answers every look whether its window is open, and is never taken for
 * vanished.
 */
import { readFile } from 'node:fs/promises';
import type { Config } from '../shared/common/config.ts';
import { canonicalAddress, type UnansweredRow, unansweredRows } from './tcp-table.ts';
import type { Transport } from './transport.ts';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** So often in the time that a peer may be silent the table is looked at. */
const LOOKS_A_SILENCE = 4;

/** Whose connection is watched. */
export interface WatchedPeer {
  readonly transport: Pick<Transport, 'peer' | 'takenBytes'>;
}

export interface SilentPeersOptions<P> {
  readonly silentSeconds: number;
  readonly localPort: number;
  /** The connections there are. */
  readonly peers: () => readonly P[];
  /** The peer has been silent for that long. */
  readonly silent: (peer: P) => void;
  readonly readTables?: () => Promise<readonly Buffer[]>;
  /** Milliseconds of a clock that only rises. */
  readonly now?: () => number;
}

/** A peer that has not answered since the look at `since`. */
interface Suspect {
  readonly since: number;
  readonly first: UnansweredRow;
  last: UnansweredRow;
  /** It has acknowledged at most so many bytes. */
  acknowledgedAtMost: number;
}

export class SilentPeers<P extends WatchedPeer> {
  readonly #options: SilentPeersOptions<P>;
  readonly #readTables: () => Promise<readonly Buffer[]>;
  readonly #now: () => number;
  #suspects = new Map<P, Suspect>();
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: SilentPeersOptions<P>) {
    this.#options = options;
    this.#readTables = options.readTables ?? readTables;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Looks again and again, until `end`. */
  start(): void {
    if (process.platform === 'linux') this.#lookLater();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** Looks at the table once. */
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
    const ms = (this.#options.silentSeconds * 1000) / LOOKS_A_SILENCE;
    this.#timer = setTimeout(() => {
      void this.look().finally(() => {
        if (!this.#ended) this.#lookLater();
      });
    }, ms);
    this.#timer.unref();
  }

  /** The peers that the rows are of. */
  #match(rows: readonly UnansweredRow[]): [P, UnansweredRow][] {
    if (rows.length === 0) return [];
    const ofPort = new Map<number, P[]>();
    for (const peer of this.#options.peers()) {
      const { port } = peer.transport.peer;
      if (port !== undefined) ofPort.set(port, [...(ofPort.get(port) ?? []), peer]);
    }
    return rows.flatMap((row): [P, UnansweredRow][] => {
      const isOf = ({ transport }: P) => canonicalAddress(transport.peer.address ?? '') === row.address;
      const peer = ofPort.get(row.port)?.find(isOf);
      return peer === undefined ? [] : [[peer, row]];
    });
  }

  /** @param takenBefore what the system had taken for the peer before the table was read */
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
   * A peer that is there, but had no room left for what was under way, can stay in the table for ever as one that was
   * sent something again. It answers that, so the system does not count further.
   */
  #isSilent({ since, first, last }: Suspect): boolean {
    const counted = last.what !== 'retransmission' || last.times > first.times;
    return counted && this.#now() - since >= this.#options.silentSeconds * 1000;
  }
}

/**
 * Looks for peers that are silent for PEER_SILENT_SECONDS, from now on.
 * @param silent called for each that has vanished
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

/** Where there is no table, or it cannot be read now, nobody is called silent. */
function readTables(): Promise<readonly Buffer[]> {
  return Promise.all(TABLES.map((path) => readFile(path).catch(() => Buffer.alloc(0))));
}
