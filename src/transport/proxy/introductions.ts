/**
 * The connections of proxies whose headers have not come whole. They are bounded in number and in time, and nothing of
 * them is read but the header, until their sessions begin.
 */
import type { StartTimer } from '../../shared/common/timer.ts';
import type { ByteSink, Peer, Transport } from '../transport.ts';
import { Introduction } from './introduction.ts';

/** Connections that wait for their headers, at a time. */
export const MAX_INTRODUCTIONS = 1_024;
/** A proxy sends its header at once. */
export const INTRODUCTION_MS = 5_000;

/** What becomes of a connection. */
interface Introducer {
  /** The header is whole. */
  take(): void;
  /** It is none, or too late. @param problem says why */
  refuse(problem: string): void;
}

/** A connection that can become one of another peer. */
interface Connection extends Pick<Transport, 'peer' | 'start' | 'pause' | 'destroy'> {
  introduce(peer: Peer, rest: Buffer): void;
}

export class Introductions {
  readonly #open = new Set<Connection>();
  readonly #startTimer: StartTimer;

  constructor(startTimer: StartTimer) {
    this.#startTimer = startTimer;
  }

  /** How many wait for their headers. */
  get underWay(): number {
    return this.#open.size;
  }

  /** Waits for the header of a proxy's connection. */
  begin(transport: Connection, { take, refuse }: Introducer): void {
    if (this.#open.size >= MAX_INTRODUCTIONS) {
      refuse('too many of its headers are due');
      return;
    }
    /** Whether this is the end of the wait: there is one, whatever comes after it. */
    const ends = () => {
      cancel();
      return this.#open.delete(transport);
    };
    const wrong = (problem: string) => {
      if (ends()) refuse(problem);
    };
    const done = (peer: Peer, rest: Buffer) => {
      if (!ends()) return;
      transport.pause();
      transport.introduce(peer, rest);
      take();
    };
    const cancel = this.#startTimer(INTRODUCTION_MS, () => wrong('its header has not come in time'));
    this.#open.add(transport);
    transport.start(sinkOf(new Introduction(transport.peer), done, wrong));
  }

  /** Ends all that wait. */
  close(): void {
    for (const transport of this.#open) transport.destroy();
  }
}

function sinkOf(
  introduction: Introduction,
  done: (peer: Peer, rest: Buffer) => void,
  wrong: (problem: string) => void,
): ByteSink {
  const left = () => wrong('it has left');
  return {
    read: (bytes, length) => {
      const found = introduction.push(bytes.subarray(0, length));
      if (found.is === 'done') done(found.peer, found.rest);
      else if (found.is === 'wrong') wrong(found.problem);
    },
    end: left,
    fail: left,
    closed: left,
  };
}
