/**
 * What a writer writes to where the connection is a WebSocket: each write is one message. A pong is sent only when no
 * write is under way, and only the last ping is answered. So what waits is one write and one pong, whatever comes.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { kernelBacklog } from '../socket.ts';
import type { Outlet } from '../transport.ts';

const AS_TEXT = { binary: false, compress: false };

/** The outlet of one WebSocket. */
export class WebSocketOutlet implements Outlet {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #isSecure: boolean;
  /** The bytes of the message under way, without its header. */
  #writableLength = 0;
  #errored: Error | null = null;
  #done = nothingToDo;
  /** Whether a pong was under way before the message. Then it is not known how much of the message is. */
  #isBehind = false;
  /** How many frames have not been reported as over. The last one that was sent is over when there is none. */
  #unreported = 0;
  /** What the last ping said, if it is not answered. */
  #ping: Uint8Array | undefined;
  readonly #over: (error?: Error | null) => void;

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#isSecure = socket instanceof TLSSocket;
    // Not in a field: tsx names a function there, which takes 256 bytes more.
    this.#over = (error) => this.#end(error);
  }

  get writableLength(): number {
    return this.#writableLength;
  }

  /** Whether nothing more can be written: a peer that has closed takes no message, even while its socket is open. */
  get destroyed(): boolean {
    return this.#webSocket.readyState !== WebSocket.OPEN;
  }

  /** A write that fails at once is known to the socket before its end is reported. */
  get errored(): Error | null {
    return this.#errored ?? this.#socket.errored;
  }

  /** See Outlet. An end is reported for every write, which writers allow. */
  write(bytes: Uint8Array, done: () => void): void {
    this.#done = done;
    this.#isBehind = this.#socket.writableLength > 0;
    this.#writableLength = bytes.length;
    this.#unreported++;
    this.#webSocket.send(bytes, AS_TEXT, this.#over);
    if (this.#socket.writableLength === 0) this.#writableLength = 0;
  }

  /**
   * The header comes before the message, so the kernel takes it first. With TLS it is not known what it has taken
   * (../tls.ts).
   */
  unwrittenBytes(): number | undefined {
    const backlog = this.#isBehind || this.#isSecure ? undefined : kernelBacklog(this.#socket);
    return backlog === undefined ? undefined : Math.min(backlog, this.#writableLength);
  }

  /** A ping is to be answered. An earlier one that was not answered need not be. */
  notePing(said: Uint8Array): void {
    this.#ping = Uint8Array.from(said);
  }

  /** Answers the last ping, unless something is under way. Then the answer follows. */
  answerPing(): void {
    const said = this.#ping;
    if (said === undefined || this.destroyed || this.#socket.writableLength > 0) return;
    this.#ping = undefined;
    this.#unreported++;
    this.#webSocket.pong(said, false, this.#over);
  }

  #end(error: Error | null | undefined): void {
    this.#unreported--;
    if (error) {
      this.#errored ??= error;
      this.#socket.destroy(error);
    } else if (this.#unreported === 0) {
      if (this.#writableLength > 0) {
        this.#writableLength = 0;
        this.#done();
      }
      this.answerPing();
    }
  }
}

function nothingToDo(): void {}
