/**
 * The names that are away: without an attachment, and with every frame accounted for. Their mail goes to the store. A
 * name without mail is forgotten when it has been away too long, or when there are too many names.
 *
 * What must be true (I14): a name that is forgotten with mail has that mail dropped and counted. That happens only if
 * it is not remembered.
 */
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { Mailbox } from '../../mailbox/mailbox.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { ForgettableNames } from '../../names/forgettable-names.ts';
import { isPossibleName, type Name, type Owned } from '../../names/name.ts';
import type { NameTable } from '../../names/name-table.ts';
import type { ShardCounts } from '../counts.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { OperatorNotices } from '../notices/operator-notices.ts';
import type { SenderNotices } from '../notices/sender-notices.ts';

/** So many buckets of the name table are searched for old mail and names in one sweep. */
const BUCKETS_A_SWEEP = 32_768;

export interface AwayEdges {
  readonly names: NameTable;
  readonly idle: ForgettableNames;
  readonly mailboxes: Pick<Mailboxes, 'storeAll' | 'forget' | 'dropOld' | 'tidy'>;
  readonly delivery: Pick<Delivery, 'begun' | 'feed'>;
  readonly notices: Pick<SenderNotices, 'forgotten' | 'changed'>;
  readonly operator: Pick<OperatorNotices, 'tooManyNames'>;
  readonly counts: ShardCounts;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export class AwayNames {
  readonly #settings: ShardSettings;
  readonly #edges: AwayEdges;
  #count = 0;
  /** The bucket at which the next sweep begins. */
  #sweepAt = 0;
  /** When the oldest mail was held that this round of sweeps has found, and that the last whole round had. */
  #oldestFound: number | undefined;
  #oldestMail: number | undefined;
  /** The name that went away last. */
  #lastLeft: Name | undefined;

  constructor(settings: ShardSettings, edges: AwayEdges) {
    this.#settings = settings;
    this.#edges = edges;
  }

  /** How many names are away. */
  get count(): number {
    return this.#count;
  }

  /** When the oldest mail was held, in seconds since 1970, as the last whole round of sweeps has found it. */
  get oldestMail(): number | undefined {
    return this.#oldestMail;
  }

  /** Adds a name that was found in the store. `allFound` must be called after the last one. */
  found(name: Name, awaySince: number): void {
    this.#setAway(name, awaySince);
  }

  /** Adds the found names without mail to the idle names, in the order in which they went away. */
  allFound(): void {
    const idle: Name[] = [];
    this.#edges.names.forEach((name) => {
      if (name.away && name.mailbox === undefined) idle.push(name);
    });
    idle.sort((a, b) => a.awaySince - b.awaySince);
    for (const name of idle) this.emptied(name);
  }

  /** `name` has no attachment any more, and every frame is accounted for: it is remembered or forgotten. */
  leave(name: Name): void {
    if (!name.remembered) {
      this.forget(name);
      return;
    }
    this.#setAway(name, this.#edges.now());
    this.#edges.mailboxes.storeAll(name);
    this.emptied(name);
    this.#lastLeft = name;
    this.forgetTooMany();
  }

  /** An attachment that was not the holder has left `name`. It may have been the last one. */
  leaveIfLast(name: Name): void {
    const unused = name.holder === undefined && name.unsettled === undefined && !name.away;
    if (unused && this.#edges.names.find(name.bytes) === name) this.leave(name);
  }

  /**
   * Adds a name that was never here, because mail comes for it. Such names are not forgotten before their mail is, so
   * the last part of MAX_NAMES is not for them.
   * @returns undefined if no mail is held for it: nobody could have the name, or there are too many
   */
  addUnseen(bytes: Uint8Array): Name | undefined {
    const { holdUnknown, maxNames, maxNameBytes, reservePercent, strict } = this.#settings;
    if (!holdUnknown || !isPossibleName(bytes, maxNameBytes, strict)) return undefined;
    const { names, notices, operator, now } = this.#edges;
    if (this.#count >= (maxNames * (100 - reservePercent)) / 100) {
      operator.tooManyNames();
      return undefined;
    }
    const name = names.findOrAdd(Uint8Array.from(bytes)); // a batch does not last
    notices.changed(name);
    this.#setAway(name, now());
    return name;
  }

  /** Forgets a name that was never here, if its mail was refused. */
  leaveIfEmpty(name: Name): void {
    if (name.mailbox === undefined) this.forget(name);
  }

  /** `name` has a holder again, or is forgotten. */
  noLongerAway(name: Owned<'away'>): void {
    if (name.away) this.#count--;
    name.away = false;
    this.#edges.idle.remove(name);
  }

  /** The mailbox of `name` is gone. If the name is away, it is idle now. */
  emptied(name: Name): void {
    const { idle } = this.#edges;
    if (name.away && name.mailbox === undefined && !idle.has(name)) idle.add(name);
  }

  /** Drops what is too old, in one part of the name table a call. */
  sweep(): void {
    const { names } = this.#edges;
    const buckets = Math.min(BUCKETS_A_SWEEP, names.buckets);
    for (let i = 0; i < buckets; i++) {
      if (this.#sweepAt >= names.buckets) this.#sweepAt = 0;
      names.forEachIn(this.#sweepAt++, (name) => {
        this.expire(name);
        this.#noteOldest(name.mailbox);
      });
      if (this.#sweepAt >= names.buckets) this.#endRound();
    }
  }

  #noteOldest(mailbox: Mailbox | undefined): void {
    const oldest = mailbox?.oldest;
    if (oldest !== undefined && oldest < (this.#oldestFound ?? Number.POSITIVE_INFINITY)) this.#oldestFound = oldest;
  }

  #endRound(): void {
    this.#oldestMail = this.#oldestFound;
    this.#oldestFound = undefined;
  }

  /** Drops mail of `name` that is too old, and forgets a name without mail that has been away too long. */
  expire(name: Name): void {
    const { delivery, mailboxes, now } = this.#edges;
    mailboxes.dropOld(name);
    if (name.away && delivery.begun) mailboxes.tidy(name);
    if (name.holder !== undefined) delivery.feed(name);
    if (name.away && name.mailbox === undefined && name.awaySince < now() - this.#settings.holdSeconds) {
      this.forget(name);
    }
  }

  /**
   * Forgets names while too many are away. The one without mail that has been away longest is first. The name that went
   * away last is kept.
   */
  forgetTooMany(): void {
    const { idle, delivery, operator } = this.#edges;
    // Mail that a crashed life handed out may still be returned. If its name were forgotten and added again, new frames
    // would by then have the numbers of that mail.
    if (!delivery.begun) return;
    while (this.#count > this.#settings.maxNames) {
      const name = idle.oldestBut(this.#lastLeft);
      if (name === undefined) return;
      this.forget(name);
      operator.tooManyNames();
    }
  }

  /** Forgets a name. Mail that waits for it is dropped and counted. */
  forget(name: Name): void {
    const { counts, mailboxes, names, notices } = this.#edges;
    const dropped = mailboxes.forget(name);
    counts.dropped.NOTHING_HELD += dropped;
    this.noLongerAway(name);
    names.remove(name);
    notices.forgotten(name.bytes);
  }

  #setAway(name: Owned<'away' | 'awaySince'>, since: number): void {
    name.away = true;
    name.awaySince = since;
    this.#count++;
  }
}
