/** A peer of the simulated broker: its connection, and the real session at the other end. */
import type { Session } from '../../../src/session/session.ts';
import { FRAME_NUMBER, type Frames, forEachFrame } from '../../../src/shared/wire/frames/frames.ts';
import { type Done, SimProgram } from './program.ts';
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
  /** Undefined if it is a plain peer. A program acknowledges what it gets. */
  readonly program: SimProgram | undefined;
  /** The text of all frames that its writer was handed. */
  handed = '';
  /** How much of what the kernel took was read for what is done with. */
  #doneBytes = 0;
  readonly returned: Returned[] = [];
  /** The numbers of the frames that its writer was handed and has not returned, modulo 2^32. */
  readonly keptNumbers = new Set<number>();
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
    this.name = name;
    this.session = session;
    this.socket = socket;
    this.program = windowMessages === undefined ? undefined : new SimProgram(windowMessages, () => socket.taken);
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
    const hello = { type: 'hello', v: 1, name: this.name, window: this.program?.windowMessages };
    this.writes(`${this.program !== undefined ? JSON.stringify(hello) : this.name}\n`);
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
    for (const number of numbersOf(frames)) this.keptNumbers.add(number);
    this.program?.noteHanded(frames, text, this.session.writer.progress.writtenFrames);
    return text;
  }

  /** What counts as delivered since the last call: what the kernel took, or what the program says. */
  takeDone(): Done[] {
    if (this.program !== undefined) return this.program.takeDone(this.session.writer.progress.writtenFrames);
    const text = this.socket.taken.slice(this.#doneBytes);
    this.#doneBytes = this.socket.taken.length;
    return text === '' ? [] : [{ text, state: 'acked' }];
  }

  /** The program says something of what it has got, unless it has ended its side. @returns whether it has said it */
  says(line: (program: SimProgram) => string | undefined): boolean {
    const said = this.program === undefined || this.streamEnded ? undefined : line(this.program);
    if (said !== undefined) this.writes(said);
    return said !== undefined;
  }

  /** Notes frames that its writer returns. */
  noteReturned(runs: readonly Frames[], posts: number): void {
    this.returned.push({ posts, text: runs.map(textOf).join('') });
    for (const number of runs.flatMap(numbersOf)) this.keptNumbers.delete(number);
  }
}

function textOf(frames: Frames): string {
  return Buffer.from(frames.bytes).toString('latin1');
}

function numbersOf(frames: Frames): number[] {
  const numbers: number[] = [];
  forEachFrame(frames, (_at, _length, header) => numbers.push(frames.headers[header + FRAME_NUMBER] as number));
  return numbers;
}
