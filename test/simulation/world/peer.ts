/** A peer of the simulated broker: its connection, and the real session at the other end. */
import type { Session } from '../../../src/session/session.ts';
import type { Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { SimTransport } from './transport.ts';

/** Returned frames, and the outbox's number of posts at that time. */
interface Returned {
  readonly posts: number;
  readonly text: string;
}

export class SimPeer {
  readonly name: string;
  readonly session: Session;
  readonly socket: SimTransport;
  /** The text of all frames that its writer was handed. */
  handed = '';
  readonly returned: Returned[] = [];
  /** The peer has ended its side, and still reads. */
  streamEnded = false;
  /** Its session ends in another way. Lines of the peer may then not be read, and its mail not be written. */
  cutShort = false;
  /**
   * Whether it got its name only after it had ended its side. If it had waited too long by then, its session has ended,
   * and its lines were not routed.
   */
  mayHaveGivenUp = false;
  /**
   * Whether it has asked about a name with `/who NAME`, or will; and whether a shard has died since, perhaps with the
   * answer.
   */
  asksWho = false;
  answerMayBeLost = false;
  /** The copies that its lines ask for, as `id@name`. */
  readonly asked: string[] = [];

  constructor(name: string, session: Session, socket: SimTransport) {
    this.name = name;
    this.session = session;
    this.socket = socket;
  }

  get left(): boolean {
    return this.session.left;
  }

  /** Whether its session ends only because the peer has ended its side, and everything it sent was read. */
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

  /** The broker ends the session. */
  stop(): void {
    this.cutShort = true;
    this.session.end();
  }

  /** The broker gives up the connection. */
  abandon(): void {
    this.cutShort = true;
    this.session.abandon();
  }

  fail(): void {
    this.cutShort = true;
    this.socket.fail();
  }

  /** Notes frames that are about to go to its writer. @returns their text */
  noteHanded(frames: Frames): string {
    const text = textOf(frames);
    this.handed += text;
    return text;
  }

  /** Notes frames that its writer returns. */
  noteReturned(runs: readonly Frames[], posts: number): void {
    this.returned.push({ posts, text: runs.map(textOf).join('') });
  }
}

function textOf(frames: Frames): string {
  return Buffer.from(frames.bytes).toString('latin1');
}
