/** Builds the parts of a shard and connects them. It decides nothing. */
import type { BatchBuilder, Post } from '../../src/shared/wire/batch.ts';
import type { ShardSettings } from '../../src/shared/wire/port/shard-task.ts';
import type { Budget } from '../mailbox/limits/budget.ts';
import { Mailboxes } from '../mailbox/mailboxes.ts';
import type { Store } from '../mailbox/store.ts';
import { ForgettableNames } from '../names/forgettable-names.ts';
import type { Name } from '../names/name.ts';
import { NameTable } from '../names/name-table.ts';
import { ShardCounts } from './counts.ts';
import { Delivery, type UnseenNames } from './delivery/delivery.ts';
import { RecentSends } from './delivery/recent-sends.ts';
import { type InPlace, TurnDeliveries } from './delivery/turn-deliveries.ts';
import { WriterWindows } from './delivery/writer-windows.ts';
import { AwayNames } from './holders/away-names.ts';
import { NameOwnership } from './holders/name-ownership.ts';
import { ReturnedMail } from './holders/returned-mail.ts';
import { Drops, type Purged } from './notices/drops.ts';
import { OperatorNotices } from './notices/operator-notices.ts';
import { SenderNotices } from './notices/sender-notices.ts';
import { Outgoing } from './outgoing.ts';

/** What a shard needs from outside. */
export interface ShardEdges {
  readonly budget: Budget;
  /** Seconds since 1970, for the age of mail and names. */
  readonly now: () => number;
  readonly post: (post: Post) => void;
  readonly inPlace?: InPlace;
  /** The batch for the main thread. Without it the shard makes one in memory of its own. */
  readonly out?: BatchBuilder;
  /** Where held mail is stored. Without it mail waits in memory alone. */
  readonly store?: Store;
  /** Called when the store has answered. The shard may then have something to post, though it has received no post. */
  readonly wake?: () => void;
  readonly purged?: Purged;
  /** The seed of the hash of names. It is random if it is not given. */
  readonly seed?: number;
}

export class ShardParts {
  readonly counts = new ShardCounts();
  readonly turn: TurnDeliveries;
  readonly names: NameTable;
  readonly outgoing: Outgoing;
  readonly mailboxes: Mailboxes;
  readonly notices: SenderNotices;
  readonly operator: OperatorNotices;
  readonly drops: Drops;
  readonly recent: RecentSends;
  readonly delivery: Delivery;
  readonly away: AwayNames;
  readonly holders: NameOwnership;
  /** The time of the last tick, in seconds since 1970. */
  readonly now: () => number;

  constructor(settings: ShardSettings, edges: ShardEdges, now: () => number) {
    const { counts } = this;
    const turn = new TurnDeliveries(edges.inPlace);
    this.turn = turn;
    const names = new NameTable(edges.now, edges.seed, settings.holdSeconds > 0);
    const idle = new ForgettableNames();
    const outgoing = new Outgoing(edges.post, edges.out);
    const out = outgoing.batch;
    const drops = new Drops(counts, outgoing, edges.purged);
    this.drops = drops;
    const mailboxes = this.#mailboxes(settings, edges, now);
    const notices = new SenderNotices(settings, out, mailboxes);
    const operator = new OperatorNotices(out, now);
    const windows = new WriterWindows(settings, turn);
    // Each part is given every part built before it. Its interface of edges says which of them it uses.
    const first = { names, idle, outgoing, out, mailboxes, notices, operator, turn, windows, counts, drops, now };
    const recent = new RecentSends(settings, first);
    const delivery = new Delivery({ ...first, recent, unseen: this.#unseen });
    const away = new AwayNames(settings, { ...first, delivery });
    const returnedMail = new ReturnedMail({ ...first, delivery, away });
    this.holders = new NameOwnership(settings, { ...first, delivery, away, returnedMail });
    this.names = names;
    this.outgoing = outgoing;
    this.mailboxes = mailboxes;
    this.notices = notices;
    this.operator = operator;
    this.recent = recent;
    this.delivery = delivery;
    this.away = away;
    this.now = now;
  }

  /** Mail of `name` is counted, but the store does not have it. */
  readonly missing = (name: Name, messages: number): void => {
    this.counts.dropped.MAIL_DAMAGED += messages;
    this.operator.missing(name.bytes, messages);
  };

  readonly #unseen: UnseenNames = {
    enter: (bytes) => this.away.addUnseen(bytes),
    leaveIfEmpty: (name) => this.away.leaveIfEmpty(name),
  };

  #mailboxes(settings: ShardSettings, edges: ShardEdges, now: () => number): Mailboxes {
    return new Mailboxes(settings, {
      budget: edges.budget,
      store: settings.holdSeconds > 0 ? edges.store : undefined,
      now,
      dropped: (name, reason, frame, body) => this.drops.one(name.bytes, reason, frame, body),
      ready: (name) => (name.holder === undefined ? this.away.expire(name) : this.delivery.feed(name)),
      emptied: (name) => this.away.emptied(name),
      answered: () => edges.wake?.(),
      missing: this.missing,
      failed: (error) => this.operator.storeFailed(error),
      unreadable: (error) => this.operator.unreadable(error),
    });
  }
}
