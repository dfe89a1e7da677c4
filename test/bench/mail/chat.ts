/** Peers that chat: each sends to the next one, and as much again as has arrived there. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildLines, FRAME_BYTES, FrameCheck, type Lines, senderName } from './mail.ts';

/** Lines a peer sends at a time, and has under way twice: people who chat. */
const LINES_AT_ONCE = 1;
const PIECES = 4096;
/** Nothing that arrives for so long means that no more does. */
const STALLED_MS = 20_000;
const LOOK_MS = 100;

interface Peer {
  readonly socket: Socket;
  readonly check: FrameCheck;
  readonly lines: Lines;
  piece: number;
}

/** A ring of peers whose rate can be measured again and again. */
export class Chat implements Disposable {
  readonly #peers: Peer[] = [];
  #stopped = false;

  private constructor() {}

  static async start(port: number, count: number): Promise<Chat> {
    const chat = new Chat();
    for (let i = 0; i < count; i++) {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      await once(socket, 'connect');
      // What it says to itself arrives once its name is known: then nothing that the others say is dropped.
      socket.write(`${senderName(i)}\n${senderName(i)}: here\n`);
      await once(socket, 'data');
      const lines = buildLines([senderName((i + 1) % count)], LINES_AT_ONCE * PIECES);
      chat.#peers.push({ socket, check: new FrameCheck(lines.count), lines, piece: 0 });
    }
    chat.#begin();
    return chat;
  }

  /** Messages a second that arrive, over `seconds`. */
  async rate(seconds: number): Promise<number> {
    const before = this.#arrived();
    const since = performance.now();
    await sleep(seconds * 1000);
    return ((this.#arrived() - before) / (performance.now() - since)) * 1000;
  }

  /** Lets what is under way arrive. @returns what was wrong */
  async stop(): Promise<string[]> {
    this.#stopped = true;
    const sent = this.#peers.reduce((sum, { piece }) => sum + piece * LINES_AT_ONCE, 0);
    let before = -1;
    while (this.#arrived() < sent && this.#arrived() !== before) {
      before = this.#arrived();
      for (let waited = 0; waited < STALLED_MS && this.#arrived() === before; waited += LOOK_MS) await sleep(LOOK_MS);
    }
    const wrong = this.#peers.flatMap(({ check }) => check.wrong ?? []);
    const arrived = this.#arrived();
    return sent === arrived ? wrong : [...wrong, `${arrived} of ${sent} messages of the chat arrived`];
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.#peers) socket.destroy();
  }

  #begin(): void {
    this.#peers.forEach((peer, i) => {
      const before = this.#peers[(i + this.#peers.length - 1) % this.#peers.length];
      let credit = 0;
      peer.socket.on('data', (data: Buffer) => {
        peer.check.feed(data);
        credit += data.length;
        for (; credit >= LINES_AT_ONCE * FRAME_BYTES; credit -= LINES_AT_ONCE * FRAME_BYTES) this.#say(before);
      });
    });
    for (let i = 0; i < 2; i++) for (const peer of this.#peers) this.#say(peer);
  }

  #say(peer: Peer | undefined): void {
    if (peer === undefined || this.#stopped) return;
    const size = LINES_AT_ONCE * peer.lines.lineBytes;
    const at = (peer.piece++ % PIECES) * size;
    peer.socket.write(peer.lines.bytes.subarray(at, at + size));
  }

  #arrived(): number {
    return this.#peers.reduce((sum, { check }) => sum + check.count, 0);
  }
}
