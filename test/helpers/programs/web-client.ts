/** A WebSocket client by hand, which can send anything, in any pieces. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Told } from '../program-peer.ts';
import { until } from '../until.ts';
import { clientFrame, FrameReader, OPCODES, type ReadFrame, upgradeRequest } from './web-frames.ts';

/** A broker that is reached through an HTTP server. */
interface Reached {
  readonly web: { readonly port: number };
}

export class WebClient implements Disposable {
  readonly socket: Socket;
  readonly #reader = new FrameReader();
  /** All frames that have come. */
  readonly frames: ReadFrame[] = [];
  #told: Told[] = [];
  #readFrames = 0;
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.closed = true;
    });
  }

  /**
   * Connects, and asks for a WebSocket. Resolves when the broker has answered, with whatever.
   * @param request its characters are bytes
   */
  static async to({ web }: Reached, request = upgradeRequest()): Promise<WebClient> {
    const socket = connect(web.port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new WebClient(socket);
    socket.write(request, 'latin1');
    await until(() => client.answer !== undefined || client.closed, 'an answer to the request');
    return client;
  }

  /** Connects and says hello. Resolves when the broker has answered. */
  static async hello(broker: Reached, hello: object = {}): Promise<WebClient> {
    const client = await WebClient.to(broker);
    client.say({ type: 'hello', v: 1, ...hello });
    await until(() => client.told.length > 0, 'an answer to the hello');
    return client;
  }

  /** The end of the connection is answered, as clients do. */
  #read(chunk: Buffer): void {
    for (const frame of this.#reader.read(chunk)) {
      this.frames.push(frame);
      if (frame.opcode === OPCODES.close) this.socket.end(clientFrame(frame.payload, OPCODES.close));
    }
  }

  /** The head of the answer to the request. */
  get answer(): string | undefined {
    return this.#reader.head;
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Says each object in a message of its own. */
  say(...objects: object[]): this {
    this.send(Buffer.concat(objects.map((object) => clientFrame(JSON.stringify(object)))));
    return this;
  }

  /** All objects that have come. */
  get told(): Told[] {
    const { frames } = this;
    for (const { opcode, payload } of frames.slice(this.#readFrames)) {
      if (opcode !== OPCODES.text) continue;
      const lines = payload.toString().split('\n').slice(0, -1);
      this.#told.push(...lines.map((line) => JSON.parse(line) as Told));
    }
    this.#readFrames = frames.length;
    return this.#told;
  }

  /** The objects of one type. */
  of(type: string): Told[] {
    return this.told.filter((told) => told.type === type);
  }

  /** Waits until so many objects of a type have come. @returns them */
  async got(type: string, count = 1): Promise<Told[]> {
    await until(
      () => this.of(type).length >= count,
      () => `${count} of ${type}, got ${this.of(type).length}, and ${JSON.stringify(this.told.slice(-3))}`,
    );
    return this.of(type);
  }

  /** Waits for the closing frame. @returns its code and its reason */
  async gotClose(): Promise<readonly [code: number | undefined, reason: string]> {
    const closing = () => this.frames.find(({ opcode }) => opcode === OPCODES.close);
    await until(() => closing() !== undefined || this.closed, 'the closing frame');
    const payload = closing()?.payload ?? Buffer.alloc(0);
    return [payload.length < 2 ? undefined : payload.readUInt16BE(), payload.toString('utf8', 2)];
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
