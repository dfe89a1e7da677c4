/** How the connection stands, for who wants to follow it. */
import type { RestanteError } from '../errors.ts';
import { Feed } from '../waits/feed.ts';

/** `closed` is the last one. */
export type Status =
  | { readonly state: 'connecting' }
  /** Another session has the name. */
  | { readonly state: 'waiting'; readonly name: string }
  /** `waiting` counts the messages that wait in the mailbox. */
  | {
      readonly state: 'connected';
      readonly name: string;
      readonly mailbox: string | undefined;
      readonly waiting: number;
    }
  /** It is tried again in `retryMs`. */
  | { readonly state: 'disconnected'; readonly reason: RestanteError; readonly retryMs: number }
  | { readonly state: 'closed'; readonly reason: RestanteError | undefined };

/** Past it, the oldest that was not taken is left out. */
const MAX_UNREAD_STATUSES = 16;

/** Tells each follower of every change. */
export class Statuses {
  #current: Status = { state: 'connecting' };
  readonly #followers = new Map<Feed<Status>, Status[]>();

  get current(): Status {
    return this.#current;
  }

  set(status: Status): void {
    this.#current = status;
    for (const [feed, unread] of this.#followers) {
      unread.push(status);
      if (unread.length > MAX_UNREAD_STATUSES) unread.shift();
      feed.wake();
      if (status.state === 'closed') feed.end();
    }
  }

  /** The current status, and then every change. */
  follow(signal: AbortSignal | undefined): Feed<Status> {
    const unread = [this.#current];
    const feed = new Feed<Status>({
      pull: () => unread.shift(),
      over: (ended) => void this.#followers.delete(ended),
      signal,
    });
    if (this.#current.state === 'closed') feed.end();
    if (!feed.ended) this.#followers.set(feed, unread);
    return feed;
  }
}
