/**
 * A relay between clients and a broker that does to connections what networks do: it cuts, delays, and halves. It can
 * say whole lines of a client again, too, as a client does that does not know whether they arrived.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Way } from './ways.ts';
import { FrameReader } from './web-frames.ts';

const LF = 10;

export type Direction = 'to broker' | 'to client';

interface Pair {
  readonly client: Socket;
  readonly broker: Socket;
  /** The frames of the client, where it speaks WebSocket. */
  readonly frames: FrameReader | undefined;
  /** The beginning of the line that the client is saying. */
  line: Buffer[];
}

interface Cut {
  readonly direction: Direction;
  readonly how: 'end' | 'reset';
  left: number;
}

export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #way: Way;
  readonly #pairs = new Set<Pair>();
  readonly #held: (() => void)[] = [];
  #holds: Direction | undefined;
  /** Bytes that pass in one direction before the connection is cut. */
  #cut: Cut | undefined;
  /** A chunk is passed on in pieces of this many bytes. */
  pieceBytes = Number.POSITIVE_INFINITY;
  /** What clients have said, over all connections. */
  said = '';
  /** How many connections were made. */
  connections = 0;
  /** What the broker is told behind a line of a client. */
  repeats: ((line: string) => string) | undefined;
  /** Is called when `cutAfter` has cut. */
  onCut: (() => void) | undefined;

  private constructor(brokerPort: number, way: Way) {
    this.#way = way;
    this.#server = createServer((client) => this.#relay(client, brokerPort));
  }

  /** @param way how clients speak, which matters for `said` and `repeats` alone; the latter are for TCP */
  static async to(brokerPort: number, way: Way = 'tcp'): Promise<Relay> {
    const relay = new Relay(brokerPort, way);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    return `${this.#way}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The objects of one type that clients have said. */
  saidOf(type: string): Record<string, unknown>[] {
    const lines = this.said.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((each) => each.type === type);
  }

  /** Resets every connection, in both directions. */
  cut(): void {
    for (const { client, broker } of this.#pairs) {
      client.resetAndDestroy();
      broker.resetAndDestroy();
    }
    this.#pairs.clear();
    this.#cut = undefined;
  }

  /** Cuts after so many more bytes of one direction, in the middle of a line or of a character. */
  cutAfter(direction: Direction, bytes: number, how: Cut['how'] = 'end'): void {
    this.#cut = { direction, how, left: bytes };
  }

  /** Keeps what goes in one direction until `release`, or until the connection is cut. */
  hold(direction: Direction): void {
    this.#holds = direction;
  }

  release(): void {
    this.#holds = undefined;
    for (const pass of this.#held.splice(0)) pass();
  }

  #relay(client: Socket, brokerPort: number): void {
    const broker = connect(brokerPort, '127.0.0.1');
    const frames = this.#way === 'ws' ? new FrameReader() : undefined;
    const pair: Pair = { client, broker, frames, line: [] };
    this.connections++;
    this.#pairs.add(pair);
    this.#pipe('to broker', pair, client, broker);
    this.#pipe('to client', pair, broker, client);
  }

  #pipe(direction: Direction, pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      if (direction === 'to broker') this.said += textOf(pair, chunk);
      this.#later(direction, () => this.#pass(direction, pair, chunk, to));
    });
    from.once('end', () => this.#later(direction, () => to.end()));
    // A broker that is down refuses the connection, and a cut one has errors: the other end is told by a close.
    from.on('error', () => to.destroy());
    from.once('close', () => this.#pairs.delete(pair));
  }

  #later(direction: Direction, pass: () => void): void {
    if (this.#holds === direction) this.#held.push(pass);
    else pass();
  }

  #pass(direction: Direction, pair: Pair, chunk: Buffer, to: Socket): void {
    if (!this.#pairs.has(pair)) return;
    const cut = this.#cut?.direction === direction ? this.#cut : undefined;
    const end = Math.min(chunk.length, cut?.left ?? chunk.length);
    const passed = chunk.subarray(0, end);
    if (direction === 'to broker' && this.repeats !== undefined) this.#passLines(pair, passed, this.repeats);
    else this.#write(passed, to);
    if (cut === undefined) return;
    cut.left -= end;
    if (cut.left === 0) this.#cutPair(pair, to, cut.how);
  }

  #cutPair(pair: Pair, to: Socket, how: Cut['how']): void {
    const from = to === pair.client ? pair.broker : pair.client;
    this.#cut = undefined;
    this.#pairs.delete(pair);
    // The half of a line has arrived when the connection is ended behind it. A reset can overtake it.
    if (how === 'end') {
      to.end();
      from.destroy();
    } else {
      to.resetAndDestroy();
      from.resetAndDestroy();
    }
    this.onCut?.();
  }

  #passLines(pair: Pair, bytes: Buffer, repeats: (line: string) => string): void {
    let start = 0;
    for (let end = bytes.indexOf(LF) + 1; end > 0; end = bytes.indexOf(LF, start) + 1) {
      const line = Buffer.concat([...pair.line, bytes.subarray(start, end)]).toString();
      this.#write(bytes.subarray(start, end), pair.broker);
      this.#write(Buffer.from(repeats(line)), pair.broker);
      pair.line = [];
      start = end;
    }
    pair.line.push(bytes.subarray(start));
    this.#write(bytes.subarray(start), pair.broker);
  }

  #write(bytes: Buffer, to: Socket): void {
    const { pieceBytes } = this;
    for (let at = 0; at < bytes.length; at += pieceBytes) to.write(bytes.subarray(at, at + pieceBytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function textOf({ frames }: Pair, chunk: Buffer): string {
  if (frames === undefined) return chunk.toString();
  return frames
    .read(chunk)
    .map(({ payload }) => `${payload}\n`)
    .join('');
}
