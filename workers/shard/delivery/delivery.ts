/**
 * Decides whether a message is delivered now or waits in its mailbox, and when a mailbox is delivered.
 *
 * What must be true after every call:
 * 1. A frame is in exactly one place: in a mailbox, in the deliveries of this turn, in a writer's hands (counted by its
 *    attachment), or done with (written, or dropped and counted) (I1).
 * 2. Nothing is delivered to a name before every frame of its previous holder is accounted for (I9).
 * 3. The mailbox of a name is delivered before anything newer (I5).
 */
import * as events from '../../../src/shared/wire/events.ts';
import * as frames from '../../../src/shared/wire/frames/frames.ts';
import { expiryOf } from '../../../src/shared/wire/frames/message-head.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';
import { beginDelivered, deliveredSize } from '../../../src/shared/wire/to-main.ts';
import type { Mailbox } from '../../mailbox/mailbox.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { Attachment } from '../../names/attachment.ts';
import type { ForgettableNames } from '../../names/forgettable-names.ts';
import type { Name } from '../../names/name.ts';
import type { ShardCounts } from '../counts.ts';
import type { OperatorNotices } from '../notices/operator-notices.ts';
import type { SenderNotices } from '../notices/sender-notices.ts';
import type { Outgoing } from '../outgoing.ts';
import type { RecentSends, SendId } from './recent-sends.ts';
import type { TurnDeliveries } from './turn-deliveries.ts';
import type { WriterWindows } from './writer-windows.ts';

/** As in records.ts, a const of this file is folded by V8. */
const { NO_MESSAGE_ID } = events;
const { DURABLE, EXPIRES, FRAME_HEADER_WORDS } = frames;

/** The names that were never here. */
export interface UnseenNames {
  /** @returns the name, which is away from now on; undefined if mail is not held for it */
  enter(bytes: Uint8Array): Name | undefined;
  /** Forgets the name if it has no mail. */
  leaveIfEmpty(name: Name): void;
}

export interface DeliveryEdges {
  readonly mailboxes: Pick<Mailboxes, 'keeps' | 'refuses' | 'add' | 'refill' | 'dropOld' | 'handedOut'>;
  readonly idle: Pick<ForgettableNames, 'remove'>;
  readonly turn: TurnDeliveries;
  readonly windows: WriterWindows;
  readonly recent: Pick<RecentSends, 'idOf' | 'find' | 'add'>;
  readonly outgoing: Outgoing;
  readonly notices: Pick<
    SenderNotices,
    'repeated' | 'taken' | 'held' | 'unkept' | 'refused' | 'unknown' | 'hasMoreRoom'
  >;
  readonly operator: Pick<OperatorNotices, 'refused'>;
  readonly unseen: UnseenNames;
  readonly counts: ShardCounts;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export class Delivery {
  readonly #mailboxes: DeliveryEdges['mailboxes'];
  readonly #idle: DeliveryEdges['idle'];
  readonly #turn: TurnDeliveries;
  readonly #windows: WriterWindows;
  readonly #recent: DeliveryEdges['recent'];
  readonly #outgoing: Outgoing;
  readonly #notices: DeliveryEdges['notices'];
  readonly #operator: DeliveryEdges['operator'];
  readonly #unseen: UnseenNames;
  readonly #counts: ShardCounts;
  readonly #now: () => number;
  readonly #handOutTurn = (name: Name) => this.handOutTurn(name);
  #begun = false;

  constructor(edges: DeliveryEdges) {
    this.#mailboxes = edges.mailboxes;
    this.#idle = edges.idle;
    this.#turn = edges.turn;
    this.#windows = edges.windows;
    this.#recent = edges.recent;
    this.#outgoing = edges.outgoing;
    this.#notices = edges.notices;
    this.#operator = edges.operator;
    this.#unseen = edges.unseen;
    this.#counts = edges.counts;
    this.#now = edges.now;
  }

  /**
   * Whether deliveries may begin. Before that it is not known which frames a crashed life of this shard had handed out.
   */
  get begun(): boolean {
    return this.#begun;
  }

  /** Deliveries begin: everything that the previous life had handed out is known now. */
  begin(): void {
    this.#begun = true;
  }

  /** Delivers a message with the frames of this turn if the holder of `name` can take it now, or else holds it. */
  offer(name: Name, message: MessageRecord): void {
    const id = this.#idOf(name.bytes, message);
    if (id !== undefined && this.#isRepeat(id, name.bytes, message)) return;
    const { holder, mailbox } = name;
    if (
      this.#begun &&
      holder !== undefined &&
      name.unsettled === undefined &&
      (mailbox === undefined || mailbox.count === 0) &&
      (message.body & DURABLE) === 0 &&
      this.#windows.fits(holder, message.frameLength) &&
      !this.#isLate(message)
    ) {
      this.#turn.add(name, message);
      holder.noteHanded(1, message.frameLength);
      if (id !== undefined) this.#recent.add(id, 'taken');
      if (message.messageId !== NO_MESSAGE_ID) this.#notices.taken(message, name);
    } else this.#hold(name, message, id);
  }

  /** Whether a message has expired on its way to this shard. It is dropped like one that expires in a mailbox. */
  #isLate({ body, memory, frameAt, frameLength }: MessageRecord): boolean {
    return (body & EXPIRES) !== 0 && expiryOf(body, memory.bytes, frameAt, frameLength) <= this.#now();
  }

  /** Holds a message to a name that was never here, if such mail is held, or else drops it. */
  offerUnknown(bytes: Uint8Array, message: MessageRecord): void {
    const id = this.#idOf(bytes, message);
    if (id !== undefined && this.#isRepeat(id, bytes, message)) return;
    const name = this.#unseen.enter(bytes);
    if (name === undefined) this.#drop(bytes, message);
    else {
      this.#hold(name, message, id);
      this.#unseen.leaveIfEmpty(name);
    }
  }

  /** Messages without an id are most messages, and must cost nothing here. */
  #idOf(name: Uint8Array, message: MessageRecord): SendId | undefined {
    return message.messageId === NO_MESSAGE_ID ? undefined : this.#recent.idOf(name, message);
  }

  /** @returns whether the message repeats an earlier one. If so, its sender is told what became of that one */
  #isRepeat(id: SendId, name: Uint8Array, message: MessageRecord): boolean {
    const kind = this.#recent.find(id);
    if (kind === undefined) return false;
    this.#counts.repeats++;
    this.#notices.repeated(message, name, kind);
    return true;
  }

  /** The name is unknown, or is away and not remembered. */
  #drop(name: Uint8Array, message: MessageRecord): void {
    this.#counts.dropped.UNKNOWN_NAME++;
    this.#notices.unknown(message, name);
  }

  /** Delivers as much of the mailbox of `name` as the window of its holder has room for. */
  feed(name: Name): void {
    const { holder, mailbox } = name;
    if (!this.#begun || holder === undefined || mailbox === undefined || name.unsettled !== undefined) return;
    this.handOutTurn(name);
    let more: boolean;
    do {
      this.#mailboxes.dropOld(name);
      this.#mailboxes.refill(name);
      // Mail that comes to the front can be too old as well.
      const dropped = this.#mailboxes.dropOld(name);
      more = this.#feedFront(holder, mailbox) || dropped;
    } while (more);
    this.#notices.hasMoreRoom(name);
  }

  /**
   * Delivers the frames of this turn of one name. To be called before other mail of the name is delivered or put back,
   * so that the order of its frames is kept.
   */
  handOutTurn(name: Name): void {
    this.#outgoing.makeRoom(this.#turn.sizeOf(name));
    this.#windows.handed(name.turnBytes);
    this.#counts.delivered += this.#turn.deliver(name, this.#outgoing.batch);
    this.#outgoing.postIfFull();
  }

  /** Delivers the frames of this turn of all names. */
  finishTurn(): void {
    this.#turn.finish(this.#handOutTurn);
  }

  #hold(name: Name, message: MessageRecord, id: SendId | undefined): void {
    if (name.holder === undefined && !name.remembered) {
      this.#drop(name.bytes, message);
      return;
    }
    const durable = (message.body & DURABLE) !== 0;
    if (durable && !this.#mailboxes.keeps(name)) {
      this.#counts.dropped.NOTHING_HELD++;
      this.#notices.unkept(message, name);
      return;
    }
    const refused = this.#mailboxes.refuses(name, message);
    if (refused !== undefined) {
      this.#counts.dropped[refused]++;
      this.#operator.refused(refused, name.bytes);
      this.#notices.refused(message, name, refused);
      return;
    }
    this.#idle.remove(name);
    const held = durable || name.holder === undefined;
    if (id !== undefined) this.#recent.add(id, held ? 'held' : 'taken');
    this.#mailboxes.add(name, message);
    if (held) this.#counts.held++;
    else this.#counts.queued++;
    this.#notices.hasMoreRoom(name);
    if (held) this.#notices.held(message, name);
    else if (message.messageId !== NO_MESSAGE_ID) this.#notices.taken(message, name);
    if (durable || this.#isLate(message)) this.feed(name);
  }

  /** Delivers from the front of a mailbox, as far as the window has room. @returns whether anything was delivered */
  #feedFront(holder: Attachment, mailbox: Mailbox): boolean {
    const room = this.#windows.roomOf(holder);
    const extent = mailbox.front.extent(
      room,
      this.#windows.mayHaveWrittenAll(holder),
      this.#windows.framesLeft(holder),
    );
    if (extent.count === 0) return false;
    this.#outgoing.makeRoom(deliveredSize(extent.count, extent.bytes));
    const { batch } = this.#outgoing;
    const header = beginDelivered(batch, holder.number, extent.count, extent.bytes);
    const byte = (header + extent.count * FRAME_HEADER_WORDS) << 2;
    mailbox.front.take(extent.count, batch.words, header, batch.bytes, byte);
    holder.noteHanded(extent.count, extent.bytes);
    this.#windows.handed(extent.bytes);
    this.#counts.delivered += extent.count;
    this.#counts.fed += extent.count;
    this.#mailboxes.handedOut(extent.count, extent.bytes);
    this.#outgoing.postIfFull();
    return true;
  }
}
