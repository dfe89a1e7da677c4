/** The sessions by number, and what a shard says handed to the one it concerns. */
import type { Notice } from '../protocol/notice-line.ts';
import type { NameStanding, NoticeCode } from '../shared/codes/notice-texts.ts';
import { type Log, shortName } from '../shared/common/log/log.ts';
import type { News, ShardEvent } from '../shared/wire/events.ts';
import type { Frames } from '../shared/wire/frames.ts';
import type { AttachedAs, AttachmentNumber, WhoIs } from '../shared/wire/records.ts';
import type { ToMainHandler } from '../shared/wire/to-main.ts';

const MAX_ATTACHMENT = 2 ** 31 - 1;

/** What the table needs of a session. */
export interface TabledSession {
  readonly number: AttachmentNumber;
  readonly name: Uint8Array | undefined;
  readonly peer: string;
  /** The shard that owns the name, or -1 before there is one. */
  readonly shard: number;
  readonly writer: { deliver(frames: Frames): void } | undefined;
  attached(as: AttachedAs, waitingMessages: number): void;
  notice(notice: Notice): void;
  answered(notice: Notice): void;
}

/** What the table says: who got a name, and what should not be. */
export type TableLog = Pick<Log, 'debug' | 'error'>;

/** What of the words of a shard is for sessions. */
export type SessionHandler = Pick<ToMainHandler, 'attached' | 'delivered' | 'settled' | 'event' | 'whoIs'>;

export class SessionTable<S extends TabledSession> {
  readonly #log: TableLog;
  readonly #sessions = new Map<AttachmentNumber, S>();
  readonly #now: () => number;
  #lastNumber = 0;

  /** @param now seconds since 1970 */
  constructor(log: TableLog, now: () => number = () => Date.now() / 1000) {
    this.#log = log;
    this.#now = now;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(number: AttachmentNumber): S | undefined {
    return this.#sessions.get(number);
  }

  values(): IterableIterator<S> {
    return this.#sessions.values();
  }

  /** The next number that no session has. */
  nextNumber(): AttachmentNumber {
    do this.#lastNumber = this.#lastNumber === MAX_ATTACHMENT ? 1 : this.#lastNumber + 1;
    while (this.#sessions.has(this.#lastNumber));
    return this.#lastNumber;
  }

  add(session: S): void {
    this.#sessions.set(session.number, session);
  }

  /** A session that no shard has heard of is over. The others stay until their shards have settled them. */
  remove(session: S): void {
    this.#sessions.delete(session.number);
  }

  /** The sessions whose names belong to a shard. */
  ofShard(shard: number): S[] {
    return [...this.#sessions.values()].filter((session) => session.shard === shard);
  }

  /** The handler of what shard number `shard` says to sessions. */
  handler(shard: number): SessionHandler {
    return {
      attached: (attachment, as, waiting) => this.#attached(attachment, as, waiting),
      delivered: (attachment, frames) => this.#deliver(shard, attachment, frames),
      settled: (attachment) => this.#sessions.delete(attachment),
      event: (sender, event) => this.#event(shard, sender, event),
      whoIs: (asker, name, whoIs) =>
        this.#sessions.get(asker)?.answered({ code: 'WHO_IS', name, standing: standingOf(whoIs, this.#now()) }),
    };
  }

  #attached(attachment: AttachmentNumber, as: AttachedAs, waiting: number): void {
    const session = this.#sessions.get(attachment);
    session?.attached(as, waiting);
    if (session !== undefined) this.#log.debug({ ...logFields(session), as, waiting }, 'named');
  }

  #event(shard: number, sender: AttachmentNumber, event: ShardEvent): void {
    switch (event.class) {
      case 'news':
        this.#sessions.get(sender)?.notice(noticeOf(event));
        return;
      case 'receipt':
        // No session gives its messages ids, so none can have asked for it.
        this.#log.error({ shard, sender, messageId: event.messageId }, 'receipt for nobody');
        return;
      default:
        event satisfies never;
    }
  }

  #deliver(shard: number, attachment: AttachmentNumber, frames: Frames): void {
    const writer = this.#sessions.get(attachment)?.writer;
    if (writer !== undefined) writer.deliver(frames);
    else this.#log.error({ shard, attachment, frames: frames.count }, 'mail for nobody');
  }
}

/** What the log says of a session: its number, its name, and the address it comes from. */
export function logFields({ number, name, peer }: Pick<TabledSession, 'number' | 'name' | 'peer'>): object {
  return { session: number, ...(name === undefined ? {} : { name: shortName(name) }), peer };
}

/** What a peer is told of news that a shard has for it. */
const NOTICE_OF = {
  held: 'MAIL_HELD',
  unknown: 'NAME_UNKNOWN',
  full: 'MAILBOX_FULL',
  unstored: 'MAIL_UNSTORED',
  others: 'OTHERS_DROPPED',
} as const satisfies Record<News['kind'], NoticeCode>;

function noticeOf({ kind, name, more }: News): Notice {
  return { code: NOTICE_OF[kind], name, more };
}

function standingOf({ state, awaySeconds, waiting }: WhoIs, now: number): NameStanding {
  if (state !== 'away') return { state, waiting };
  return { state, waiting, since: now - awaySeconds };
}
