/** A peer of the simulated broker: its connection, and the real session at the other end. */
import type { Session } from '../../../src/session/session.ts';
import { since } from '../../../src/shared/common/serial-arithmetic.ts';
import { FRAME_NUMBER, type Frames, forEachFrame } from '../../../src/shared/wire/frames/frames.ts';
import { keyOf } from '../life/ledger.ts';
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
  /** How many messages it may have unacknowledged, if it is a program, which acknowledges what it gets. */
  readonly #windowMessages: number | undefined;
  /** The text of all frames that its writer was handed. */
  handed = '';
  /** The same frames one by one, each with its number. */
  readonly #frames: { readonly text: string; readonly number: number }[] = [];
  /** The number up to which the program has acknowledged, or is about to. */
  #acked: number | undefined;
  /** How much of what the kernel took was read for outcomes. */
  #readBytes = 0;
  /** The ids of the sends of the program that must be answered. */
  readonly sends: string[] = [];
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

  constructor(name: string, session: Session, socket: SimTransport, windowMessages?: number) {
    this.#windowMessages = windowMessages;
    this.name = name;
    this.session = session;
    this.socket = socket;
  }

  get isProgram(): boolean {
    return this.#windowMessages !== undefined;
  }

  get left(): boolean {
    return this.session.left;
  }

  /** Whether its session ends only because the peer has ended its side, and everything it sent was read. */
  get leavesByItself(): boolean {
    return this.streamEnded && !this.cutShort && this.socket.endRead && !this.socket.destroyed;
  }

  /** Says its name. */
  greets(): void {
    const hello = { type: 'hello', v: 1, name: this.name, window: this.#windowMessages };
    this.writes(`${this.isProgram ? JSON.stringify(hello) : this.name}\n`);
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
    forEachFrame(frames, (at, length, header) => {
      const number = frames.headers[header + FRAME_NUMBER] as number;
      this.#frames.push({ text: text.slice(at, at + length), number });
    });
    const unacknowledged = this.#frames.length - this.session.writer.progress.writtenFrames;
    if (unacknowledged > (this.#windowMessages ?? Number.POSITIVE_INFINITY))
      throw new Error(`${this.session.number} has ${unacknowledged} messages to acknowledge`);
    return text;
  }

  /**
   * The text of all that counts as delivered: what the kernel took, or what the program has acknowledged.
   * @throws if a frame counts as written that the program has not acknowledged
   */
  get done(): string {
    if (!this.isProgram) return this.socket.taken;
    const written = this.#frames.slice(0, this.session.writer.progress.writtenFrames);
    const last = written.at(-1)?.number;
    if (last !== undefined && (this.#acked === undefined || since(last, this.#acked | 0) > 0))
      throw new Error(`${this.session.number} has not acknowledged that`);
    return written.map(({ text }) => text).join('');
  }

  /** The numbers of the messages that the program has got, in their order. */
  get #got(): number[] {
    return [...this.socket.taken.matchAll(/^\{"type":"message","seq":(\d+),.*$/gm)].map(([, seq]) => Number(seq));
  }

  /** The ids of the sends that were answered. */
  get answered(): string[] {
    return [...this.socket.taken.matchAll(/^\{"type":"(?:accepted|error)","id":"([^"]*)"/gm)].map(([, id = '']) => id);
  }

  /** The copies that the program was told are held, as `id@name`, since the last call. */
  *heldNews(): Generator<string> {
    const { taken } = this.socket;
    if (!this.isProgram || taken.length === this.#readBytes) return;
    const end = taken.lastIndexOf('\n') + 1;
    const news = taken.slice(this.#readBytes, end);
    this.#readBytes = end;
    for (const [, id, to = '{}'] of news.matchAll(/^\{"type":"accepted","id":"m(\d+)","to":(\{[^}]*\})/gm)) {
      for (const [name, state] of Object.entries(JSON.parse(to))) if (state === 'held') yield keyOf(Number(id), name);
    }
  }

  /** The program acknowledges a message that it has got, and all before it. @returns whether it has said so */
  acks(choose: (numbers: readonly number[]) => number): boolean {
    const got = this.#got;
    if (!this.isProgram || this.streamEnded || got.length === 0) return false;
    const number = choose(got);
    if (got.some((each, i) => each <= (got[i - 1] ?? 0))) throw new Error(`${this.session.number} got ${got}`);
    this.#acked = Math.max(this.#acked ?? 0, number);
    this.writes(`${JSON.stringify({ type: 'ack', seq: number })}\n`);
    return true;
  }

  /** The program acknowledges half of what it has got and not acknowledged. @returns whether there was anything */
  acksHalf(): boolean {
    const fresh = this.#got.filter((number) => number > (this.#acked ?? 0));
    return fresh.length > 0 && this.acks(() => fresh[(fresh.length - 1) >> 1] ?? 0);
  }

  /** Notes frames that its writer returns. */
  noteReturned(runs: readonly Frames[], posts: number): void {
    this.returned.push({ posts, text: runs.map(textOf).join('') });
  }
}

function textOf(frames: Frames): string {
  return Buffer.from(frames.bytes).toString('latin1');
}
