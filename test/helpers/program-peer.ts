/** A program of an end-to-end test: a peer that says and hears JSON objects, one a line. */
import { Peer } from './peer.ts';
import { until } from './until.ts';

/** An object that the broker has sent. */
export type Told = Readonly<Record<string, unknown>>;

export class ProgramPeer {
  readonly peer: Peer;
  #told: Told[] = [];
  /** So many bytes had come when they were read last. */
  #readBytes = 0;

  private constructor(peer: Peer) {
    this.peer = peer;
  }

  /** Connects and says hello. Resolves when the broker has answered. */
  static async hello({ port }: { readonly port: number }, hello: object = {}): Promise<ProgramPeer> {
    return ProgramPeer.over(await Peer.connect(port), hello);
  }

  /** Says hello on a connection. */
  static async over(peer: Peer, hello: object = {}): Promise<ProgramPeer> {
    const program = new ProgramPeer(peer);
    program.say({ type: 'hello', v: 1, ...hello });
    await until(() => program.told.length > 0, 'an answer to the hello');
    return program;
  }

  say(...objects: object[]): this {
    this.peer.send(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
    return this;
  }

  /** All objects that have come. */
  get told(): Told[] {
    if (this.peer.receivedBytes !== this.#readBytes) {
      this.#readBytes = this.peer.receivedBytes;
      this.#told = this.peer.received
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    }
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
      () => `${count} of ${type}, got ${JSON.stringify(this.told.slice(-3))}`,
    );
    return this.of(type);
  }

  /** The bodies of all messages that have come. */
  get bodies(): unknown[] {
    return this.of('message').map(({ body }) => body);
  }

  /** Acknowledges all messages up to the one with this body. */
  ack(body: unknown): this {
    const message = this.of('message').find((each) => each.body === body);
    return this.say({ type: 'ack', seq: message?.seq });
  }
}
