/**
 * A relay between programs and a broker that loses one message, or repeats one. It numbers the messages behind it anew,
 * so that nothing but the bodies shows it.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Lie = 'lose' | 'repeat';

/** So many messages go through before the lie. */
const TRUE_MESSAGES = 500;

/** A program to which the relay lies. */
interface Victim {
  readonly name: string;
  /** The seq of the message that is lost or repeated. */
  readonly seq: number;
}

export class LyingRelay implements AsyncDisposable {
  readonly #lie: Lie;
  readonly #shift: number;
  readonly #brokerPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #messages = 0;
  #victim: Victim | undefined;

  private constructor(lie: Lie, brokerPort: number) {
    this.#lie = lie;
    this.#shift = lie === 'lose' ? -1 : 1;
    this.#brokerPort = brokerPort;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(lie: Lie, brokerPort: number): Promise<LyingRelay> {
    const relay = new LyingRelay(lie, brokerPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const broker = connect({ port: this.#brokerPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    let name = '';
    this.#relay(client, broker, (line) => {
      if (name !== '') return [line.includes('"type":"ack"') ? this.#ackToBroker(name, line) : line];
      const hello = line.startsWith('{') ? JSON.parse(line) : undefined;
      name = hello?.name ?? line;
      // A message that is repeated must fit the window that the program has asked for.
      return [hello === undefined ? line : JSON.stringify({ ...hello, window: hello.window - 1 })];
    });
    this.#relay(broker, client, (line) => (line.startsWith('{') ? this.#toProgram(name, line) : [line]));
  }

  #relay(from: Socket, to: Socket, change: (line: string) => string[]): void {
    this.#sockets.add(from);
    let rest = '';
    from.setEncoding('utf8');
    from.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const changed = lines.flatMap(change).map((line) => `${line}\n`);
      to.write(changed.join(''));
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => this.#sockets.delete(from));
  }

  #toProgram(name: string, line: string): string[] {
    const told = JSON.parse(line);
    if (told.type === 'welcome') return [JSON.stringify({ ...told, last: this.#told(name, told.last) })];
    if (told.type !== 'message') return [line];
    // A plain sender never has a message in doubt. One that a program has in doubt may be lost, and its loss is none.
    const isFromPlain = told.id === undefined;
    if (++this.#messages > TRUE_MESSAGES && isFromPlain) this.#victim ??= { name, seq: told.seq };
    const renumbered = JSON.stringify({ ...told, seq: this.#told(name, told.seq) });
    if (this.#victim?.name !== name || this.#victim.seq !== told.seq) return [renumbered];
    return this.#lie === 'lose' ? [] : [line, renumbered];
  }

  /** What a program is told instead of a seq. */
  #told(name: string, seq: number): number {
    return this.#victim?.name === name && seq >= this.#victim.seq ? seq + this.#shift : seq;
  }

  #ackToBroker(name: string, line: string): string {
    const { type, seq } = JSON.parse(line);
    const isBehind = this.#victim?.name === name && seq >= this.#victim.seq;
    return JSON.stringify({ type, seq: isBehind ? seq - this.#shift : seq });
  }
}
