/** The sessions by number, and the dispatch of what shards post to them. */
import { type SessionError, takenOver } from '../protocol/errors.ts';
import type { Notice } from '../protocol/notice-line.ts';
import type { NameStanding, NoticeCode } from '../shared/codes/notice-texts.ts';
import { type Log, shortName } from '../shared/common/log/log.ts';
import type { News, Outcome, ShardEvent } from '../shared/wire/events.ts';
import type { DeliveredFrames } from '../shared/wire/frames/delivered-frames.ts';
import type { ToMainHandler } from '../shared/wire/read-to-main.ts';
import type { AttachedAs, AttachmentNumber, WhoIs } from '../shared/wire/records.ts';

const MAX_ATTACHMENT = 2 ** 31 - 1;

/** What the table needs of a session. */
export interface TabledSession {
  readonly number: AttachmentNumber;
  readonly name: Uint8Array | undefined;
  readonly peer: string;
  /** The shard that owns the name; -1 until it has been asked. */
  readonly shard: number;
  readonly writer: { deliver(delivered: DeliveredFrames): void };
  /** Takes the answer of the shard about the name (ToMainHandler). */
  attached(as: AttachedAs, waitingMessages: number, lastNumber: number): void;
  /** Ends it. @param why is told the peer */
  end(why: SessionError): void;
  /** Tells the peer something that it did not ask for. */
  notice(notice: Notice): void;
  /** Takes what the shard says of a name that the peer has asked about. @param question its number */
  whoIs(shard: number, question: number, name: Uint8Array, standing: NameStanding): void;
  /** Takes what became of a message of the peer. */
  outcome(shard: number, outcome: Outcome): void;
  /** A shard has crashed, perhaps with outcomes of messages of the peer. */
  lostShard(shard: number): void;
}

/** The log of the table: a session that got its name, and records for sessions that do not exist. */
export type TableLog = Pick<Log, 'debug' | 'error' | 'isLevelEnabled'>;

/** The records of a shard that are for sessions. */
export type SessionHandler = Pick<
  ToMainHandler,
  'attached' | 'delivered' | 'settled' | 'takenOver' | 'event' | 'whoIs'
>;

/**
 * The sessions of a broker. A session stays in the table until its shard has settled it. A session without a name stays
 * until its connection is closed.
 */
export class SessionTable<S extends TabledSession> {
  readonly #log: TableLog;
  readonly #sessions = new Map<AttachmentNumber, S>();
  readonly #now: () => number;
  #lastNumber = 0;

  /** @param now the wall clock, in seconds since 1970 */
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

  /** @returns the next number that no session has */
  nextNumber(): AttachmentNumber {
    do this.#lastNumber = this.#lastNumber === MAX_ATTACHMENT ? 1 : this.#lastNumber + 1;
    while (this.#sessions.has(this.#lastNumber));
    return this.#lastNumber;
  }

  add(session: S): void {
    this.#sessions.set(session.number, session);
  }

  /** Removes a session of which no shard has heard. The shard of any other one settles it. */
  remove(session: S): void {
    this.#sessions.delete(session.number);
  }

  /** A shard has crashed, and all that it posted was handled. @returns the sessions whose names belong to it */
  lostShard(shard: number): S[] {
    const sessions = [...this.#sessions.values()];
    for (const session of sessions) session.lostShard(shard);
    return sessions.filter((session) => session.shard === shard);
  }

  /** @returns the handler of what a shard posts to sessions */
  handler(shard: number): SessionHandler {
    return {
      attached: (attachment, as, waiting, last) => this.#attached(attachment, as, waiting, last),
      delivered: (attachment, delivered) => this.#deliver(shard, attachment, delivered),
      settled: (attachment) => this.#sessions.delete(attachment),
      takenOver: (attachment) => this.#sessions.get(attachment)?.end(takenOver()),
      event: (sender, event) => this.#event(shard, sender, event),
      whoIs: (asker, name, whoIs, question) =>
        this.#sessions.get(asker)?.whoIs(shard, question, name, standingOf(whoIs, this.#now())),
    };
  }

  #attached(attachment: AttachmentNumber, as: AttachedAs, waiting: number, last: number): void {
    const session = this.#sessions.get(attachment);
    if (session === undefined) return;
    session.attached(as, waiting, last);
    if (this.#log.isLevelEnabled('debug')) this.#log.debug({ ...logFields(session), as, waiting }, 'named');
  }

  #event(shard: number, sender: AttachmentNumber, event: ShardEvent): void {
    switch (event.class) {
      case 'news':
        this.#sessions.get(sender)?.notice(noticeOf(event));
        return;
      case 'outcome':
        // A session that has ended is told nothing any more.
        this.#sessions.get(sender)?.outcome(shard, event);
        return;
      default:
        event satisfies never;
    }
  }

  #deliver(shard: number, attachment: AttachmentNumber, delivered: DeliveredFrames): void {
    const writer = this.#sessions.get(attachment)?.writer;
    if (writer !== undefined) writer.deliver(delivered);
    else this.#log.error({ shard, attachment, frames: delivered.count }, 'mail for nobody');
  }
}

/** The fields of a session in the log: its number, its name, and the address of its peer. */
export function logFields({ number, name, peer }: Pick<TabledSession, 'number' | 'name' | 'peer'>): object {
  return { session: number, ...(name === undefined ? {} : { name: shortName(name) }), peer };
}

/** The notice for each kind of news of a shard. */
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
