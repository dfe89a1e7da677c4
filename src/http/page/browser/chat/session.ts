/**
 * A peer in a browser: its client, its log, and what is shown of both. What it MUST hold:
 * 1. A message is acknowledged when it is in the log and is shown, and not before. So what comes while the page is
 *    loaded again comes once more, and the log knows it by its number: nothing is lost, and nothing is shown twice.
 * 2. A message is in the log before it is sent. If the page goes before its answer has come, the next one sends it
 *    again under the same id, which the broker takes once.
 */
import {
  type Client,
  ClosedError,
  connect,
  type Message,
  type RestanteError,
  type Status,
} from '../../../../tools/library/browser.ts';
import { Frames } from '../parts/frames.ts';
import { Store } from '../parts/store.ts';
import { announcementOf } from './announcement.ts';
import { Conversations, keyOf } from './model/conversations.ts';
import type { Came, ChatEvent, Sends } from './model/events.ts';
import type { Log, Mark } from './model/log.ts';
import { failureOf, outcomeOf, receiptOf } from './outcomes.ts';
import { Presences } from './presences.ts';
import { type Ending, endingOf, isToken } from './proofs.ts';
import { shownNames } from './route.ts';

/** The broker knows ids for DEDUPE_SECONDS, 120 unless it is set. Later a message is not sent again by itself. */
const RESEND_WITHIN_MS = 110_000;
/** A person looks at the page and waits: after a failure it is tried again sooner than a program would. */
const MAX_PAUSE_MS = 2_000;
const ID_BYTES = 12;

/** How the connection stands. */
export type Standing =
  | { readonly state: 'connecting' | 'waiting' | 'connected' | 'disconnected' }
  | { readonly state: 'ended'; readonly ending: Ending };

/** The chat of one name, until it leaves. */
export class ChatSession {
  readonly name: string;
  readonly conversations = new Conversations();
  readonly presences = new Presences(() => this.#frames.ask());
  readonly standing = new Store<Standing>({ state: 'connecting' });
  /** It has been connected, and what is shown is more than what the log had. */
  wasConnected = false;
  /** Rises when what is shown has changed. */
  readonly version = new Store(0);
  /** What a screen reader says next. */
  readonly announced = new Store('');
  readonly #log: Log;
  readonly #client: Promise<Client>;
  readonly #end = new AbortController();
  readonly #frames = new Frames(() => this.#commit());
  #arrived: Message[] = [];
  #events: ChatEvent[] = [];

  /** @param proof a password or a token; undefined where none was asked for */
  constructor(name: string, proof: string | undefined, log: Log) {
    this.name = name;
    this.#log = log;
    log.load((event, part) => this.#apply(event, part));
    this.#client = this.#connect(proof);
    void this.#begin();
    for (const message of this.conversations.unanswered) this.#sendAgain(message);
    addEventListener('pagehide', this.#flush);
    document.addEventListener('visibilitychange', this.#seen);
  }

  /** Whether a page that is loaded again shows what this one does. */
  get keeps(): boolean {
    return this.#log.keeps;
  }

  readonly #flush = () => this.#frames.now();
  readonly #seen = () => this.see();

  /** Sends a text to one name or several. */
  send(names: readonly string[], text: string): void {
    const to = [...new Set(names.map((name) => name.normalize('NFC')))];
    const message: Sends = { kind: 'sends', id: newId(), to, text, time: Date.now() };
    this.#events.push(message, { kind: 'read', with: to });
    this.#frames.now();
    void this.#dispatch(message);
  }

  /** Somebody sees the conversation that is shown, and watches whoever is in it. */
  see(): void {
    const names = shownNames();
    if (names === undefined || document.visibilityState !== 'visible') return;
    this.presences.watch(names);
    if (this.conversations.get(keyOf(names))?.unread) this.#record({ kind: 'read', with: names });
  }

  /** Ends the session. The log stays for the next one, with all that has happened. */
  end(): void {
    this.#flush();
    this.stop();
  }

  /** Ends the session at once. What is not shown yet goes back to the mailbox. */
  stop(): void {
    removeEventListener('pagehide', this.#flush);
    document.removeEventListener('visibilitychange', this.#seen);
    this.#end.abort();
  }

  #connect(proof: string | undefined): Promise<Client> {
    const address = new URL('/', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const forEver = Number.POSITIVE_INFINITY;
    return connect(address.href, {
      name: this.name,
      ...(proof === undefined ? {} : isToken(proof) ? { token: proof } : { password: proof }),
      signal: this.#end.signal,
      timeouts: { connectMs: forEver, sendMs: forEver },
      reconnect: { maxPauseMs: MAX_PAUSE_MS },
      onStatus: (status) => this.#stands(status),
      onReceipt: ({ id, name, state }) => {
        const receipt = receiptOf(state);
        if (receipt !== undefined && this.conversations.hasSent(id))
          this.#record({ kind: 'state', id, name, state: receipt });
      },
      onNotice: ({ name, text }) => {
        const about = name === undefined ? shownNames() : [name];
        if (about !== undefined) this.#record({ kind: 'said', with: about, text, time: Date.now() });
      },
    });
  }

  async #begin(): Promise<void> {
    try {
      const client = await this.#client;
      this.presences.begin(client);
      for await (const message of client.messages()) {
        this.#arrived.push(message);
        this.#frames.ask();
      }
    } catch {
      // The status says why there is no client any more.
    }
  }

  #stands(status: Status): void {
    switch (status.state) {
      case 'connecting':
        break;
      case 'waiting':
        this.standing.set({ state: 'waiting' });
        break;
      case 'connected':
        this.wasConnected = true;
        this.standing.set({ state: 'connected' });
        break;
      case 'disconnected':
        this.presences.lost();
        // Who has just given a proof is told at once. One that was good before is given again when it may be.
        if (status.reason.code === 'AUTH_LIMITED' && !this.wasConnected) this.#ends(status.reason);
        else this.standing.set({ state: 'disconnected' });
        break;
      case 'closed':
        this.#ends(status.reason);
        break;
      default:
        status satisfies never;
    }
  }

  #ends(reason: RestanteError | undefined): void {
    if (!this.#end.signal.aborted) this.standing.set({ state: 'ended', ending: endingOf(reason) });
  }

  #record(event: ChatEvent): void {
    this.#events.push(event);
    this.#frames.ask();
  }

  /** Puts what has happened into the log, shows it, and acknowledges what has come. */
  #commit(): void {
    // What has come since goes back to the mailbox.
    if (this.#end.signal.aborted) return;
    const arrived = this.#arrived.splice(0);
    const { came, mark } = newOf(arrived, this.#log.mark);
    const events: ChatEvent[] = [...this.#events.splice(0), ...came];
    if (came.length > 0 && this.#isSeen(came)) events.push({ kind: 'read', with: shownNames() ?? [] });
    if (events.length > 0) {
      const { part } = this.#log;
      this.#log.append(events, mark);
      for (const event of events) this.#apply(event, part);
      this.conversations.forgetBefore(this.#log.firstPart);
    }
    for (const message of arrived) message.ack();
    if (came.length > 0) this.announced.set(announcementOf(came));
    this.version.set(this.version.value + 1);
  }

  #isSeen(came: readonly Came[]): boolean {
    const key = keyOf(shownNames() ?? []);
    return document.visibilityState === 'visible' && came.some(({ from }) => from === key);
  }

  #apply(event: ChatEvent, part: number): void {
    this.conversations.apply(event, part);
    if (event.kind === 'came') this.presences.watch([event.from]);
    else if (event.kind === 'sends') this.presences.watch(event.to);
  }

  #sendAgain(message: Sends): void {
    if (Date.now() - message.time < RESEND_WITHIN_MS) void this.#dispatch(message);
    else for (const name of message.to) this.#record({ kind: 'state', id: message.id, name, state: 'unsure' });
  }

  async #dispatch({ id, to, text }: Sends): Promise<void> {
    try {
      const sent = await (await this.#client).send(to, text, { id, receipt: true });
      for (const name of to) this.#record({ kind: 'state', id, name, state: outcomeOf(sent.to[name]) });
    } catch (error) {
      // The session is over. Whatever is shown of it stays as it is.
      if (error instanceof ClosedError) return;
      for (const name of to) this.#record({ kind: 'state', id, name, state: failureOf(error, name) });
    }
  }
}

/** Those of the messages that are not in the log, and how far the mailbox is read with them. */
function newOf(arrived: readonly Message[], before: Mark): { readonly came: Came[]; readonly mark: Mark } {
  const came: Came[] = [];
  let mark = before;
  for (const { mailbox, seq, from, body, time, held } of arrived) {
    if (mailbox === mark.mailbox && seq <= mark.seq) continue;
    mark = { mailbox, seq };
    const isText = typeof body === 'string';
    const text = isText ? body : JSON.stringify(body);
    const marks = { ...(isText ? {} : { isJson: true }), ...(held ? { waited: true } : {}) };
    came.push({ kind: 'came', seq, from, text, time: time ?? Date.now(), ...marks });
  }
  return { came, mark };
}

/** `crypto.randomUUID` is not there on pages that come over plain HTTP from another machine. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
