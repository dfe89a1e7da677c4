/** A relay between clients and a broker that does to connections what networks do: it cuts, delays, and halves. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

type Direction = 'to broker' | 'to client';

interface Pair {
  readonly client: Socket;
  readonly broker: Socket;
}

export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #held: (() => void)[] = [];
  #holds: Direction | undefined;
  /** Bytes that pass in one direction before the connection is cut. */
  #cut: { readonly direction: Direction; left: number } | undefined;
  /** A chunk is passed on in pieces of this many bytes. */
  pieceBytes = Number.POSITIVE_INFINITY;
  /** What clients have said, over all connections. */
  said = '';
  /** How many connections were made. */
  connections = 0;

  private constructor(brokerPort: number) {
    this.#server = createServer((client) => this.#relay(client, brokerPort));
  }

  static async to(brokerPort: number): Promise<Relay> {
    const relay = new Relay(brokerPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
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
  cutAfter(direction: Direction, bytes: number): void {
    this.#cut = { direction, left: bytes };
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
    const pair = { client, broker };
    this.connections++;
    this.#pairs.add(pair);
    this.#pipe('to broker', pair, client, broker);
    this.#pipe('to client', pair, broker, client);
  }

  #pipe(direction: Direction, pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      if (direction === 'to broker') this.said += chunk.toString();
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
    for (let at = 0; at < end; at += this.pieceBytes) to.write(chunk.subarray(at, Math.min(end, at + this.pieceBytes)));
    if (cut === undefined) return;
    cut.left -= end;
    // The half of a line has arrived when the connection is reset behind it.
    if (cut.left === 0) {
      this.#cut = undefined;
      to.end();
      this.#pairs.delete(pair);
      (to === pair.client ? pair.broker : pair.client).destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
