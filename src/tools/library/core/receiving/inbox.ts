/**
 * What was received. What it MUST hold:
 * 1. A message is handed to the application once, as long as the mailbox has the same word.
 * 2. The broker is told that all up to a `seq` are worked off only if they are, and only of this connection.
 * 3. A message that was not handed out is never acknowledged.
 * 4. No more messages wait here than the window.
 */
import { ConnectionError, type RestanteError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import { Feed } from '../../waits/feed.ts';
import type { SendOptions, Sent } from '../sending/sending.ts';
import type { Part, Wire } from '../wire.ts';
import { numberIn, textIn, textOrNone, type Words } from '../words.ts';
import { Message, type MessageHome } from './message.ts';
import { type Place, Places } from './places.ts';

interface Waiting {
  readonly message: Message;
  readonly place: Place;
}

/** Who takes messages before the application, and sends its replies. */
export interface InboxHost {
  /** @returns whether a message is the reply to a request */
  takeReply(re: string, body: unknown): boolean;
  reply(to: string, body: unknown, options: SendOptions): Promise<Sent>;
  /** Something was acknowledged or rejected. */
  settled(): void;
}

/** The messages of one client. */
export class Inbox implements Part, MessageHome {
  readonly #settings: Settings;
  readonly #wire: Wire;
  readonly #host: InboxHost;
  readonly #feeds = new Set<Feed<Message>>();
  /** Messages that the application has. */
  readonly #inHand = new WeakMap<Message, Place>();
  #places = new Places();
  #waiting: Waiting[] = [];
  /** The last ones, with their reasons. The broker has at most a window of them not worked off itself. */
  readonly #rejected = new Map<number, string | undefined>();
  #mailbox: string | undefined;
  /** The highest on this connection. */
  #received = 0;
  /** What the broker was told, on this connection and on any. */
  #toldTo = 0;
  #everToldTo = 0;
  /** Hands out nothing any more. */
  #stopped: { readonly error?: RestanteError } | undefined;

  constructor(settings: Settings, wire: Wire, host: InboxHost) {
    this.#settings = settings;
    this.#wire = wire;
    this.#host = host;
  }

  /** The word of the mailbox; undefined before the first welcome, and without a name. */
  get mailbox(): string | undefined {
    return this.#mailbox;
  }

  /** How many messages the application has, and has not acknowledged. */
  get inHand(): number {
    return this.#places.inHand;
  }

  /** Whether something is worked off that the broker was not told. */
  get owes(): boolean {
    return this.#places.ackedTo > this.#everToldTo;
  }

  /** An iterator over the messages. Several share them: each message goes to one. */
  messages(signal: AbortSignal | undefined): Feed<Message> {
    const feed = new Feed<Message>({
      pull: () => this.#handOut(),
      over: (ended) => void this.#feeds.delete(ended),
      signal,
    });
    if (this.#stopped !== undefined) feed.finish(this.#stopped.error);
    if (!feed.ended) this.#feeds.add(feed);
    return feed;
  }

  /** From now on nothing is handed out, and the iterators are over. */
  stop(error?: RestanteError): void {
    this.#stopped ??= error === undefined ? {} : { error };
    this.#waiting = [];
    for (const feed of this.#feeds) feed.finish(error);
  }

  /** See Part. */
  welcomed(welcome: Words): void {
    const mailbox = textOrNone(welcome, 'mailbox');
    if (mailbox !== this.#mailbox) {
      this.#places = new Places();
      this.#rejected.clear();
      this.#everToldTo = 0;
      this.#mailbox = mailbox;
    }
    const last = numberIn(welcome, 'last') ?? 0;
    this.#places.connected(last);
    this.#received = 0;
    this.#toldTo = last;
    this.#everToldTo = Math.max(this.#everToldTo, last);
  }

  /** See Part. */
  lost(): void {
    this.#waiting = [];
    this.#places.lost();
  }

  /** See Part. */
  ended(error: RestanteError): void {
    this.stop(error);
  }

  /** A message has come. */
  receive(words: Words): void {
    const seq = numberIn(words, 'seq');
    if (seq === undefined) {
      this.#wire.break(new ConnectionError('PROTOCOL', 'a message has no seq'));
      return;
    }
    this.#received = Math.max(this.#received, seq);
    // An acknowledgement of what has come may be due now: of this, if it is a repeat.
    this.#wire.flushSoon();
    if (this.#rejected.has(seq)) this.#sayReject(seq);
    else {
      const place = this.#places.take(seq);
      if (place !== undefined) this.#receiveNew(seq, place, words);
    }
  }

  #receiveNew(seq: number, place: Place, words: Words): void {
    if (this.#host.takeReply(textIn(words, 're'), words.body)) {
      this.#acked(place);
      return;
    }
    // While the client drains, this goes back to the mailbox with the end of the connection.
    if (this.#stopped !== undefined) return;
    this.#waiting.push({ place, message: new Message(seq, this.#mailbox, words, this) });
    for (const feed of this.#feeds) feed.wake();
    if (this.#waiting.length <= this.#settings.window) return;
    this.#wire.break(new ConnectionError('PROTOCOL', 'there is more than the window'));
  }

  #handOut(): Message | undefined {
    const next = this.#waiting.shift();
    if (next === undefined) return undefined;
    next.place.state = 'in hand';
    if (this.#settings.ack) this.#inHand.set(next.message, next.place);
    else this.#acked(next.place);
    return next.message;
  }

  /** See MessageHome. */
  ack(message: Message): void {
    const place = this.#settle(message);
    if (place !== undefined) this.#acked(place);
  }

  #acked(place: Place): void {
    if (this.#places.ack(place)) this.#wire.flushSoon();
    this.#host.settled();
  }

  /** See MessageHome. */
  reject(message: Message, reason: string | undefined): void {
    const place = this.#settle(message);
    if (place === undefined || !this.#places.remove(place)) return;
    this.#rejected.set(place.seq, reason);
    const [oldest] = this.#rejected.keys();
    if (this.#rejected.size > this.#settings.window && oldest !== undefined) this.#rejected.delete(oldest);
    // The broker knows it on this connection only if it came on it.
    if (place.seq <= this.#received) this.#sayReject(place.seq);
    this.#wire.flushSoon();
    this.#host.settled();
  }

  #settle(message: Message): Place | undefined {
    const place = this.#inHand.get(message);
    this.#inHand.delete(message);
    return place;
  }

  #sayReject(seq: number): void {
    this.#wire.say(JSON.stringify({ type: 'reject', seq, reason: this.#rejected.get(seq) }));
  }

  /** Tells the broker what is worked off, of what it sent on this connection. */
  flushing(): void {
    const seq = Math.min(this.#places.ackedTo, this.#received);
    if (seq <= this.#toldTo) return;
    this.#toldTo = seq;
    this.#everToldTo = Math.max(this.#everToldTo, seq);
    this.#wire.say(`{"type":"ack","seq":${seq}}`);
  }

  /** See MessageHome. */
  reply(message: Message, body: unknown, options: SendOptions): Promise<Sent> {
    return this.#host.reply(message.from, body, { re: message.id, ...options });
  }
}
