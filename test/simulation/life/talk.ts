/** The lines that peers send: messages, commands, and lines that send nothing. */
import type { SimPeer } from '../world/peer.ts';
import type { SimProgram } from '../world/program.ts';
import type { Chance } from './chance.ts';
import { keyOf } from './ledger.ts';

/** So many of the last messages may be sent again. */
const MAX_REPEATABLE = 20;
/** Some messages expire when time has passed once, and some when it has passed several times. */
const MAX_TTL_SECONDS = 150;
const NAMES = ['ann', 'bob', 'cat', 'dan', 'eve'];

/** The message of a program that has an id. Its sender may send it again, once. */
interface Repeatable {
  readonly sender: string;
  readonly line: string;
  readonly id: string;
  readonly copies: readonly string[];
}

export class Talk {
  /** The names of this life. With few names, more peers come under the same one. */
  readonly names: readonly string[];
  readonly #chance: Chance;
  /** In this life one message of so many is durable, or expires. */
  readonly #oneIn: Readonly<Record<'durable' | 'ttl', number>>;
  #lastId = 0;
  readonly #repeatable: Repeatable[] = [];
  /** The sender of each copy that it wants a receipt of, by `id@name`. */
  readonly wantedReceipts = new Map<string, string>();

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#oneIn = { durable: chance.of([1, 3, 6]), ttl: chance.of([1, 3, 6]) };
    this.names = NAMES.slice(0, chance.of([1, 2, 3, 5]));
  }

  /**
   * A line for the peer to send, if there is one. The copies and answers that it asks for are noted in the peer.
   * @param holdsFor whether mail is held for a name
   */
  line(peer: SimPeer, holdsFor: (name: string) => boolean): string | undefined {
    const chance = this.#chance;
    if (chance.once(20)) return this.#otherLine(peer);
    const { program } = peer;
    if (program !== undefined && chance.once(6)) return this.#question(program);
    const repeat = program !== undefined && chance.once(4) ? this.#repeat(peer, program) : undefined;
    if (repeat !== undefined) return repeat;
    const names = this.names.filter(holdsFor);
    if (names.length === 0) return undefined;
    const some = names.filter(() => chance.once(3));
    const to = some.length > 0 ? some : [chance.of(names)];
    const id = ++this.#lastId;
    peer.asked.push(...to.map((name) => keyOf(id, name)));
    if (program !== undefined) return this.#send(peer, program, to, id);
    return `${to}:#${id};${chance.of(['x', 'é']).repeat(chance.int(0, 40))}`;
  }

  /** The message of a program, which may ask for its outcome. */
  #send(peer: SimPeer, program: SimProgram, to: readonly string[], id: number): string {
    const answered = this.#chance.once(4) ? {} : { id: `m${id}` };
    if (answered.id !== undefined) program.requests.push(answered.id);
    // A plain peer gets several lines of a text. The last of them has the number, because a message counts when it is
    // whole.
    const body = `${this.#chance.of(['x', '"', '\n', 'é']).repeat(this.#chance.int(0, 20))}#${id};`;
    const durable = this.#chance.once(this.#oneIn.durable) ? { durable: true } : {};
    const receipt = answered.id !== undefined && this.#chance.once(2) ? { receipt: true } : {};
    if (receipt.receipt === true) for (const name of to) this.wantedReceipts.set(keyOf(id, name), peer.name);
    const ttl = this.#chance.once(this.#oneIn.ttl) ? { ttl: this.#chance.int(1, MAX_TTL_SECONDS) } : {};
    const names = to.length === 1 ? to[0] : to;
    const line = JSON.stringify({ type: 'send', to: names, body, ...answered, ...durable, ...receipt, ...ttl });
    if (answered.id !== undefined) {
      this.#repeatable.push({ sender: peer.name, line, id: answered.id, copies: to.map((name) => keyOf(id, name)) });
      if (this.#repeatable.length > MAX_REPEATABLE) this.#repeatable.shift();
    }
    return line;
  }

  /** A message that was sent before under the name of the peer, over this connection or another one. */
  #repeat(peer: SimPeer, program: SimProgram): string | undefined {
    const own = this.#repeatable.filter(({ sender }) => sender === peer.name);
    if (own.length === 0) return undefined;
    const repeat = this.#chance.of(own);
    this.#repeatable.splice(this.#repeatable.indexOf(repeat), 1);
    peer.asked.push(...repeat.copies);
    program.requests.push(repeat.id);
    return repeat.line;
  }

  /** A program asks who is here, once or from now on. */
  #question(program: SimProgram): string {
    const names = this.names.filter(() => this.#chance.once(2));
    if (names.length === 0) names.push(this.#chance.of(this.names));
    const type = this.#chance.weighted({ who: 3, watch: 2, unwatch: 1 });
    if (type === 'who') {
      const id = `q${++this.#lastId}`;
      program.requests.push(id);
      return JSON.stringify({ type, id, names });
    }
    for (const name of names) {
      if (type === 'watch') program.watched.add(name);
      else program.watched.delete(name);
    }
    return JSON.stringify({ type, names });
  }

  /** A line that sends nothing. */
  #otherLine(peer: SimPeer): string {
    if (peer.program !== undefined) return this.#chance.of(['{"type":"ping"}', '{"type":"pong"}', 'no JSON', '']);
    const line = this.#chance.of(['/who', `/who ${this.#chance.of(this.names)}`, '/help', 'no colon']);
    peer.asksWho ||= line.startsWith('/who ');
    return line;
  }
}
