/**
 * The names that are away: nobody is attached, and every frame is accounted for. Their mail goes to the store, and they
 * are remembered until they have been away too long with nothing waiting, or until names are too many.
 *
 * What must be true (I14): a name with mail is forgotten only when it is not to be remembered, and then the mail is
 * dropped and counted.
 */
import type { ShardSettings } from '../../../src/shared/wire/shard-task.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { IdleNames } from '../../names/idle-names.ts';
import type { Name, Owned } from '../../names/name.ts';
import type { NameTable } from '../../names/name-table.ts';
import type { ShardCounts } from '../counts.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { OperatorNotices } from '../notices/operator-notices.ts';
import type { SenderNotices } from '../notices/sender-notices.ts';

/** Buckets of the name table that one sweep looks at for what is too old. */
const BUCKETS_A_SWEEP = 32_768;

export interface AwayEdges {
  readonly names: NameTable;
  readonly idle: IdleNames;
  readonly mailboxes: Pick<Mailboxes, 'storeAll' | 'forget'>;
  readonly delivery: Pick<Delivery, 'begun' | 'dropOld' | 'feed'>;
  readonly notices: Pick<SenderNotices, 'forgotten'>;
  readonly operator: Pick<OperatorNotices, 'forgotten'>;
  readonly counts: ShardCounts;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export class AwayNames {
  readonly #settings: ShardSettings;
  readonly #edges: AwayEdges;
  #count = 0;
  /** The bucket of the name table that is swept next. */
  #sweepAt = 0;
  /** The name that has left last. */
  #lastLeft: Name | undefined;

  constructor(settings: ShardSettings, edges: AwayEdges) {
    this.#settings = settings;
    this.#edges = edges;
  }

  /** How many names are away. */
  get count(): number {
    return this.#count;
  }

  /** Takes in a name that the store knows; when all are here, `allFound` is called. */
  found(name: Name, awaySince: number): void {
    this.#setAway(name, awaySince);
  }

  /** Notes which of the names that were found have nothing waiting, in the order in which they left. */
  allFound(): void {
    const idle: Name[] = [];
    this.#edges.names.forEach((name) => {
      if (name.away && name.mailbox === undefined) idle.push(name);
    });
    idle.sort((a, b) => a.awaySince - b.awaySince);
    for (const name of idle) this.emptied(name);
  }

  /** Nobody is attached to `name` any more, and every frame is accounted for: it is remembered, or forgotten. */
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

  /** A peer that was no holder has left `name`, and may have been the last of all. */
  leaveIfLast(name: Name): void {
    const unused = name.holder === undefined && name.unsettled === undefined && !name.away;
    if (unused && this.#edges.names.find(name.bytes) === name) this.leave(name);
  }

  /** `name` has a holder, or is forgotten. */
  noLongerAway(name: Owned<'away'>): void {
    if (name.away) this.#count--;
    name.away = false;
    this.#edges.idle.remove(name);
  }

  /** Nothing waits for `name` any more, if it is away. */
  emptied(name: Name): void {
    const { idle } = this.#edges;
    if (name.away && name.mailbox === undefined && !idle.has(name)) idle.add(name);
  }

  /** Looks for what has become too old, in a part of the names a call. */
  sweep(): void {
    const { names } = this.#edges;
    const buckets = Math.min(BUCKETS_A_SWEEP, names.buckets);
    for (let i = 0; i < buckets; i++) {
      if (this.#sweepAt >= names.buckets) this.#sweepAt = 0;
      names.forEachIn(this.#sweepAt++, (name) => this.expire(name));
    }
  }

  /** Drops mail that is too old, and forgets a name that has been away too long with nothing waiting. */
  expire(name: Name): void {
    const { delivery, now } = this.#edges;
    delivery.dropOld(name);
    if (name.holder !== undefined) delivery.feed(name);
    if (name.away && name.mailbox === undefined && name.awaySince < now() - this.#settings.holdSeconds) {
      this.forget(name);
    }
  }

  /**
   * Forgets names while too many are away: those first that have been away longest with nothing waiting, and never the
   * one that has left last.
   */
  forgetTooMany(): void {
    const { idle, delivery, operator } = this.#edges;
    // Mail that a crashed life handed out may still come back. If its name were forgotten and added again, other frames
    // would have its numbers by then.
    if (!delivery.begun) return;
    while (this.#count > this.#settings.maxNames) {
      const name = idle.oldestBut(this.#lastLeft);
      if (name === undefined) return;
      this.forget(name);
      operator.forgotten();
    }
  }

  /** Forgets a name. Mail that waits for it is dropped and counted, as nothing is held for it. */
  forget(name: Name): void {
    const { counts, mailboxes, names, notices } = this.#edges;
    counts.dropped.NOTHING_HELD += mailboxes.forget(name);
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
