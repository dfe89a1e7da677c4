/**
 * A WebSocket. Each message has whole lines; the end of a message ends its last line, with or without an LF. What is
 * read is passed on in the buffer that all connections share, as it is for TCP.
 *
 * A message that is not text, and many frames without a line, end the connection. The library ends it for all that
 * WebSocket itself does not allow.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type RawData, WebSocket } from 'ws';
import type { SessionEndCode } from '../../shared/codes/session-ends.ts';
import { keepReading, socketBelow, stopReading, takenBytesOf } from '../socket.ts';
import { type ByteSink, DEAF, type Outlet, type Peer, type Transport } from '../transport.ts';
import { AGAINST_THE_RULES, CLOSE_CODES, GOING_AWAY, NO_TEXT } from './close-codes.ts';
import { WebSocketOutlet } from './outlet.ts';
import { endsLine, WaitingMessages } from './waiting-messages.ts';

/** The most frames without a line (pings, pongs, empty messages) in one turn of the event loop. */
export const MAX_EMPTY_FRAMES_A_TURN = 128;
/** How long the end of a connection waits for messages that came before it, if the session does not read. */
const LAST_READS_MS = 5_000;
const LF = 10;

/** A WebSocket that passes what it reads to its transport, by functions that all connections share. */
export class PeerSocket extends WebSocket {
  transport: WebSocketTransport | undefined;
}

function transportOf(webSocket: WebSocket): WebSocketTransport | undefined {
  return (webSocket as PeerSocket).transport;
}

function onMessage(this: WebSocket, message: RawData, isBinary: boolean): void {
  transportOf(this)?.message(message as Buffer, isBinary); // the library is not asked for anything else
}

function onPing(this: WebSocket, said: Buffer): void {
  transportOf(this)?.pinged(said);
}

function onPong(this: WebSocket): void {
  transportOf(this)?.emptyFrame();
}

function onError(this: WebSocket, error: Error): void {
  transportOf(this)?.fail(error);
}

function onClose(this: WebSocket): void {
  transportOf(this)?.hasClosed();
}

/** The connection of one WebSocket. */
export class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly peer: Peer;
  readonly outlet: Outlet;
  readonly #webSocket: PeerSocket;
  readonly #socket: Socket;
  /** The TCP connection, which is below a socket with TLS. */
  readonly #below: Socket;
  readonly #outlet: WebSocketOutlet;
  readonly #readBuffer: Buffer;
  readonly #waiting = new WaitingMessages();
  #sink = DEAF;
  #paused = false;
  #stopsReading = false;
  #emptyFrames = 0;
  #failed = false;
  #destroyed = false;
  /** Ends the wait for messages that came before the end; undefined if there is no such wait. */
  #lastReads: NodeJS.Timeout | undefined;
  #isOver = false;
  #whenClosed: (() => void) | undefined;

  /** @param readBuffer all connections share it, because what was read is processed or copied before the next read */
  constructor(webSocket: PeerSocket, socket: Socket, readBuffer: Buffer, peer: Peer) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#below = (socket instanceof TLSSocket ? socketBelow(socket) : undefined) ?? socket;
    this.#readBuffer = readBuffer;
    this.peer = peer;
    this.#outlet = new WebSocketOutlet(webSocket, socket);
    this.outlet = this.#outlet;
    webSocket.transport = this;
    webSocket.on('message', onMessage).on('ping', onPing).on('pong', onPong).on('error', onError).on('close', onClose);
  }

  get readBytes(): number {
    return this.#below.bytesRead;
  }

  get takenBytes(): number {
    return takenBytesOf(this.#below);
  }

  /** Asked once. */
  get closed(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenClosed = resolve;
    });
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
  }

  /** Messages that were read already wait. */
  pause(): void {
    this.#paused = true;
    this.#webSocket.pause();
    if (this.#stopsReading) return;
    this.#stopsReading = true;
    setImmediate(stopLater, this);
  }

  resume(): void {
    this.#paused = false;
    this.#read(this.#waiting.take());
    if (this.#paused) return;
    if (this.#lastReads === undefined) {
      this.#webSocket.resume();
      keepReading(this.#socket);
    } else this.#tellClosed();
  }

  /** See Transport. The peer is told why in the closing frame, too. */
  end(why?: SessionEndCode): void {
    this.#webSocket.close(why === undefined ? GOING_AWAY : CLOSE_CODES[why], why);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#waiting.take();
    this.#webSocket.terminate();
    if (this.#lastReads !== undefined) this.#tellClosed();
  }

  /** A message has come. */
  message(message: Buffer, isBinary: boolean): void {
    if (this.#failed) return;
    if (isBinary) this.#refuse(NO_TEXT, 'a message that is no text');
    else if (message.length === 0) this.emptyFrame();
    else this.#read(message);
  }

  /** A ping has come. It is answered at the end of the turn. */
  pinged(said: Buffer): void {
    this.#outlet.notePing(said);
    this.emptyFrame();
  }

  /** A frame has come that has no line. */
  emptyFrame(): void {
    if (this.#emptyFrames++ === 0) setImmediate(turnOver, this);
    if (this.#emptyFrames === MAX_EMPTY_FRAMES_A_TURN + 1) this.#refuse(AGAINST_THE_RULES, 'too many empty frames');
  }

  /** The turn is over in which an empty frame came. */
  turnOver(): void {
    this.#emptyFrames = 0;
    this.#outlet.answerPing();
  }

  /**
   * Stops reading, if it is paused still. Node reads on after a pause: until the next turn to look for more, and then
   * up to a limit of bytes, but of any number of pieces. Where the peer has closed, its end is still to be read.
   */
  stopLater(): void {
    this.#stopsReading = false;
    if (this.#paused && !this.outlet.destroyed) stopReading(this.#socket);
  }

  /** The connection has failed. Only the first failure counts. */
  fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#sink.fail(error);
  }

  /** The socket is closed. The session is told once it has read what came before. */
  hasClosed(): void {
    if (this.#destroyed || this.#waiting.empty) this.#tellClosed();
    else {
      this.#lastReads = setTimeout(() => this.#tellClosed(), LAST_READS_MS);
      this.#lastReads.unref();
    }
  }

  #tellClosed(): void {
    clearTimeout(this.#lastReads);
    this.#lastReads = undefined;
    if (this.#socket.errored !== null) this.fail(this.#socket.errored);
    this.#isOver = true;
    this.#sink.closed();
    this.#whenClosed?.();
  }

  #refuse(code: number, why: string): void {
    this.#webSocket.close(code, why);
    this.fail(new Error(why));
  }

  /** Passes lines on, in pieces of the read buffer. What a paused session must not be given waits. */
  #read(lines: Buffer): void {
    const most = this.#readBuffer.length - 1; // and an LF
    for (let at = 0; at < lines.length; at += most) {
      if (this.#paused || !this.#waiting.empty) {
        this.#waiting.push(at === 0 ? lines : lines.subarray(at));
        return;
      }
      let length = lines.copy(this.#readBuffer, 0, at, at + most);
      if (at + length === lines.length && !endsLine(lines)) this.#readBuffer[length++] = LF;
      this.#sink.read(this.#readBuffer, length);
    }
  }
}

function turnOver(transport: WebSocketTransport): void {
  transport.turnOver();
}

function stopLater(transport: WebSocketTransport): void {
  transport.stopLater();
}
