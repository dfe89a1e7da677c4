/** A peer that records everything it sends and receives in a ledger, and that can read slowly. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { paced } from '../pace/pace.ts';
import { inTime } from '../until.ts';
import type { Ledger } from './ledger.ts';

/** How long a peer waits for its own line before it sends it again, if its mailbox is full. */
const REFUSED_MS = 100;
const HELD = /^\* (.+) is away: mail is held$/;
const REFUSED = /^\* mail for (.+) cannot be stored now: it is refused$/;

interface First {
  readonly number: number;
  readonly visits: number;
}

export class LedgerPeer implements Disposable {
  readonly name: string;
  readonly #socket: Socket;
  readonly #ledger: Ledger;
  /** The notices that this peer got, in order, without the welcome. */
  readonly notices: string[] = [];
  readonly #said = new Set<string>();
  readonly #waits = new Map<string, Set<(seen: boolean) => void>>();
  /** By destination that was away: the first message of this session. The notice is about that message. */
  readonly #firsts = new Map<string, First>();
  readonly #ended: Promise<void>;
  #rest: Buffer[] = [];
  #over = false;
  #marked = false;
  #asked = 0;
  #wantsMore: (() => void) | undefined;
  receivedBytes = 0;
  /** How many messages it received from others. */
  receivedMessages = 0;

  private constructor(socket: Socket, name: string, ledger: Ledger) {
    this.#socket = socket;
    this.name = name;
    this.#ledger = ledger;
    this.#ended = new Promise((resolve) => {
      socket.once('end', resolve);
      socket.once('close', () => resolve());
    });
    void this.#ended.then(() => this.#end());
    socket.on('error', () => undefined); // a reset is one of the ways in which a test ends a connection
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Connects and says the name, but does not wait for the welcome. */
  static connect(port: number, name: string, ledger: Ledger): Promise<LedgerPeer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        ledger.comes(name);
        const peer = new LedgerPeer(socket, name, ledger);
        socket.write(`${name}\n`);
        resolve(peer);
      });
    });
  }

  /** Connects. Resolves when all held mail has arrived: held mail comes before newer mail. */
  static async back(port: number, name: string, ledger: Ledger): Promise<LedgerPeer> {
    const peer = await LedgerPeer.connect(port, name, ledger);
    if (!(await peer.mark())) throw new Error(`${name} was cut off while it got its mail`);
    return peer;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whether any line to itself has arrived. */
  get marked(): boolean {
    return this.#marked;
  }

  /** Sends the next message to each of these names, one line each. */
  send(names: readonly string[], bytes?: number): void {
    let lines = '';
    for (const to of names) {
      const { number, text } = this.#ledger.send(this.name, to, bytes);
      lines += `${to}: ${text}\n`;
      const visits = this.#ledger.visitsOfAway(to);
      if (visits !== undefined && !this.#firsts.has(to)) this.#firsts.set(to, { number, visits });
    }
    this.#socket.write(lines);
  }

  /** Sends bytes that the ledger does not record. */
  sendRaw(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /**
   * Sends a line to itself. Resolves to true when the line has come back. Then everything that it sent before has been
   * routed, and everything that was sent to it before has arrived. While its mailbox is full, the line may be refused,
   * and is sent again.
   */
  async mark(): Promise<boolean> {
    for (;;) {
      const mark = this.#ledger.nextMark();
      this.#socket.write(`${this.name}: ${mark}\n`);
      const arrived = this.saw(`from ${this.name}: ${mark}`);
      const seen = await Promise.race([arrived, this.#refusal()]);
      if (seen !== undefined) return seen;
      arrived.catch(() => undefined); // it was refused: it never comes
    }
  }

  /** Resolves a while after the notice that its own mailbox is full. */
  async #refusal(): Promise<undefined> {
    await this.#sees(`* the mailbox of ${this.name} is full: mail is refused`);
    await sleep(paced(REFUSED_MS));
  }

  /** Resolves to true when this line has arrived, and to false if the stream ends without it. */
  saw(line: string): Promise<boolean> {
    return inTime(this.#sees(line), `${line} to ${this.name}`);
  }

  /** As `saw`, without a time limit. */
  #sees(line: string): Promise<boolean> {
    if (this.#said.has(line)) return Promise.resolve(true);
    if (this.#over) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waits = this.#waits.get(line) ?? new Set();
      this.#waits.set(line, waits);
      waits.add(resolve);
    });
  }

  /** Resolves to true when the broker has said that mail for `name` is held. */
  sawHeld(name: string): Promise<boolean> {
    return this.saw(`* ${name} is away: mail is held`);
  }

  /** Resolves to true when the broker has said that mail for `name` cannot be stored. */
  sawRefused(name: string): Promise<boolean> {
    return this.saw(`* mail for ${name} cannot be stored now: it is refused`);
  }

  freeze(frozen = true): void {
    if (frozen) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Reads `bytes` of the received data while it is frozen. (A read from a paused stream emits 'data' too.) */
  sip(bytes: number): void {
    this.#socket.read(bytes);
  }

  /** Each call waits for one more message than the call before. */
  async more(): Promise<void> {
    this.#asked++;
    if (this.receivedMessages >= this.#asked) return;
    const came = new Promise<void>((resolve) => {
      this.#wantsMore = resolve;
    });
    await inTime(came, `a message to ${this.name}`);
  }

  /** Ends its side. Resolves when the broker has ended the other. */
  async leave(): Promise<void> {
    this.#socket.end();
    await this.ended();
  }

  /** Resolves when the stream has ended in any way. */
  ended(): Promise<void> {
    return inTime(this.#ended, `the end of the stream of ${this.name}`);
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    const last = chunk.lastIndexOf(10);
    if (last < 0) {
      this.#rest.push(chunk);
      return;
    }
    const whole = Buffer.concat([...this.#rest, chunk.subarray(0, last)]).toString();
    this.#rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
    for (const line of whole.split('\n')) this.#line(line);
  }

  #line(line: string): void {
    if (line.startsWith('* you are ')) return;
    if (line.startsWith('* ')) {
      this.notices.push(line);
      this.#noteFate(line);
      this.#see(line);
    } else if (line.startsWith(`from ${this.name}: mark `)) {
      this.#marked = true;
      this.#see(line);
    } else {
      this.receivedMessages++;
      this.#ledger.receive(this.name, line);
      if (this.receivedMessages < this.#asked) return;
      this.#wantsMore?.();
      this.#wantsMore = undefined;
    }
  }

  /** Records in the ledger what the broker said about the first message to a name that is away. */
  #noteFate(line: string): void {
    const held = HELD.exec(line)?.[1];
    const to = held ?? REFUSED.exec(line)?.[1];
    const first = to === undefined ? undefined : this.#firsts.get(to);
    // A recipient that came meanwhile may have received the first message live. Then the notice may be about any later
    // one.
    if (to === undefined || first === undefined || this.#ledger.visitsOfAway(to) !== first.visits) return;
    this.#firsts.set(to, { ...first, visits: Number.NaN }); // later notices are about later messages
    if (held === undefined) this.#ledger.refused(this.name, to, first.number);
    else this.#ledger.held(this.name, to, first.number);
  }

  #see(line: string): void {
    this.#said.add(line);
    for (const tell of this.#waits.get(line) ?? []) tell(true);
    this.#waits.delete(line);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#ledger.leaves(this.name);
    for (const waits of this.#waits.values()) for (const tell of waits) tell(false);
    this.#waits.clear();
  }
}

/** Many peers of one test. All are closed when it is over. */
export class Peers implements Disposable {
  readonly #ledger: Ledger;
  readonly #all = new Set<LedgerPeer>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async connect(port: number, name: string): Promise<LedgerPeer> {
    const peer = await LedgerPeer.connect(port, name, this.#ledger);
    this.#all.add(peer);
    return peer;
  }

  /** Connects all of these names. Resolves when each has received the mail that was held for it. */
  async back(port: number, names: readonly string[]): Promise<LedgerPeer[]> {
    const peers: LedgerPeer[] = [];
    for (let i = 0; i < names.length; i += 50) {
      const some = await Promise.all(names.slice(i, i + 50).map((name) => LedgerPeer.back(port, name, this.#ledger)));
      for (const peer of some) this.#all.add(peer);
      peers.push(...some);
    }
    return peers;
  }

  /** Lets these names come, receive their mail, and leave. From then on they are known and away. */
  async visit(port: number, names: readonly string[]): Promise<void> {
    const peers = await this.back(port, names);
    await Promise.all(peers.map((peer) => peer.leave()));
    for (const peer of peers) this.#forget(peer);
  }

  /** Resolves when all streams have ended, as they do when the broker has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#all].map((peer) => peer.ended()));
    for (const peer of this.#all) this.#forget(peer);
  }

  [Symbol.dispose](): void {
    for (const peer of this.#all) this.#forget(peer);
  }

  #forget(peer: LedgerPeer): void {
    peer[Symbol.dispose]();
    this.#all.delete(peer);
  }
}
