/** What the application has in its hands. */
import type { Core, DrainOptions } from './core/core.ts';
import type { NameInfo } from './core/questions.ts';
import type { Message } from './core/receiving/message.ts';
import type { SendOptions, Sent } from './core/sending/sending.ts';
import type { Status } from './core/statuses.ts';
import type { Presence } from './core/watches.ts';
import type { WaitOptions } from './waits/pending.ts';

/** How to request. Without a `ttl` it is the timeout. */
export type RequestOptions = Omit<SendOptions, 'id' | 'receipt' | 're'>;

/** How to iterate. */
export interface FollowOptions {
  /** Ends the iteration. It throws the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/** A client, made by `connect`. Its connection is kept up until `drain` or `close`. */
export class Client implements AsyncDisposable {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** How the connection stands now. */
  get current(): Status {
    return this.#core.statuses.current;
  }

  /** The word of the mailbox. With it and the `seq` of the last message, a program knows repeats after its own end. */
  get mailbox(): string | undefined {
    return this.#core.inbox.mailbox;
  }

  /** Resolves when the client has ended, and its connection is closed. */
  get closed(): Promise<void> {
    return this.#core.closed;
  }

  /**
   * Sends a message to one name or several. Without a connection it waits for one. After a broken connection it is sent
   * again under the same id, which the broker takes once.
   * @param body any JSON
   * @returns what became of it: resolves when it is accepted
   * @throws RefusedError if it was not taken for all names; `to` says for which it was
   * @throws LimitError if too much was sent and is not accepted: wait for some of it
   * @throws TimeoutError after `timeout` milliseconds; its message says whether it may have been taken
   * @throws ConnectionError if a broken connection has left open what became of it
   * @throws ClosedError if the client has ended or drains
   * @throws UsageError if it cannot be sent whatever happens
   */
  send(to: string | readonly string[], body: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#core.outbox.send(to, body, options);
  }

  /**
   * Sends a message, and waits for the reply to it. The reply is acknowledged, and is not among `messages`.
   * @returns the body of the reply
   * @throws TimeoutError after `timeout` milliseconds, and what `send` throws
   */
  request(to: string, body: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#core.request(to, body, options);
  }

  /**
   * The messages, what waited first. The broker sends a window of them at most before the first is acknowledged. The
   * iteration ends with the client, and throws what ended it unless that was `drain` or `close`.
   */
  messages({ signal }: FollowOptions = {}): AsyncIterableIterator<Message, undefined> {
    return this.#core.inbox.messages(signal);
  }

  /**
   * Asks what the broker knows of names.
   * @throws RefusedError, TimeoutError, LimitError, ClosedError
   */
  who(names: readonly string[], options: WaitOptions = {}): Promise<NameInfo[]> {
    return this.#core.questions.ask(names, options);
  }

  /**
   * Who comes and goes. Of each name, the latest that was not taken is kept.
   * @throws LimitError, ClosedError
   */
  watch(names: readonly string[], { signal }: FollowOptions = {}): AsyncIterableIterator<Presence, undefined> {
    return this.#core.watches.watch(names, signal);
  }

  /** How the connection stands: as it is now, and then every change. The last one is `closed`. */
  status({ signal }: FollowOptions = {}): AsyncIterableIterator<Status, undefined> {
    return this.#core.statuses.follow(signal);
  }

  /**
   * Ends in order: sends and hands out nothing new, waits until what was sent is accepted and what was handed out is
   * acknowledged, tells the broker so, and ends the connection. Replies can be sent meanwhile.
   * @throws TimeoutError after `timeout` milliseconds; the client has ended then, too
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return this.#core.drain(options);
  }

  /** Ends at once. What was not accepted rejects with a ClosedError. Resolves when the connection is closed. */
  close(): Promise<void> {
    return this.#core.close();
  }

  /** As `drain`, but does not wait for messages that the application has, and throws nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    // What was not accepted has rejected where it was sent.
    await this.#core.drain({ work: false }).catch(() => undefined);
  }
}
