/** A peer of the simulated broker, its connection, and the real session at the other end. */
import type { Session } from '../../../src/session/session.ts';
import type { Frames } from '../../../src/shared/wire/frames.ts';
import type { SimTransport } from './transport.ts';

/** What was given back, and what the outbox had posted then. */
interface Returned {
  readonly posts: number;
  readonly text: string;
}

export class SimPeer {
  readonly name: string;
  readonly session: Session;
  readonly socket: SimTransport;
  /** Everything its writer was handed. */
  handed = '';
  readonly returned: Returned[] = [];
  /** The peer has ended its side, and reads on. */
  streamEnded = false;
  /** Something else ends its session: what it has sent may not be read, and its mail may not be written. */
  cutShort = false;
  /**
   * Its name became its own when it had ended its side already. If it had waited for too long by then, its session has
   * ended, and what it has sent went nowhere.
   */
  mayHaveGivenUp = false;
  /** It has asked a shard how a name stands, or is about to; and a shard has died since, perhaps with the answer. */
  asksWho = false;
  answerMayBeLost = false;
  /** The copies that it asks for, as `id@name`. */
  readonly asked: string[] = [];

  constructor(name: string, session: Session, socket: SimTransport) {
    this.name = name;
    this.session = session;
    this.socket = socket;
  }

  get left(): boolean {
    return this.session.left;
  }

  /** Whether its session ends only because it has ended its side, and all it has sent was read. */
  get leavesByItself(): boolean {
    return this.streamEnded && !this.cutShort && this.socket.endRead && !this.socket.destroyed;
  }

  writes(text: string): void {
    this.socket.writes(Buffer.from(text));
  }

  endStream(): void {
    this.streamEnded = true;
    this.socket.peerEnds();
  }

  /** The broker ends its session. */
  stop(): void {
    this.cutShort = true;
    this.session.end();
  }

  /** The broker gives up on its connection. */
  abandon(): void {
    this.cutShort = true;
    this.session.abandon();
  }

  fail(): void {
    this.cutShort = true;
    this.socket.fail();
  }

  /** Its writer is about to be handed `frames`. @returns their text */
  noteHanded(frames: Frames): string {
    const text = textOf(frames);
    this.handed += text;
    return text;
  }

  /** Its writer gives frames back. */
  noteReturned(runs: readonly Frames[], posts: number): void {
    this.returned.push({ posts, text: runs.map(textOf).join('') });
  }
}

function textOf(frames: Frames): string {
  return Buffer.from(frames.bytes).toString('latin1');
}
