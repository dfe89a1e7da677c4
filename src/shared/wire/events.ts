/** What a shard says to a session about messages that its peer has sent. */
import type { BatchBuilder, BatchCursor } from './batch.ts';
import { beginWithText, readText } from './record-text.ts';
import type { AttachmentNumber } from './records.ts';
import * as records from './records.ts';

const { EVENT, MAX_WORD, TO_MAIN } = records;

/** What becomes of messages for a name: they are held, dropped for want of such a name, or refused. */
export type NewsKind = 'held' | 'unknown' | 'full' | 'unstored';

/** In place of a message's id: the event is not about one message, or the sender gave it no id. */
export const NO_MESSAGE_ID = 0;

/**
 * Tells a peer how a destination stands: once for each state of it, and now and then how many more messages met that
 * state. News may be dropped where there is too much of it: what is lost is only what a person would have read.
 */
export interface News {
  readonly class: 'news';
  /** 'others' sums up destinations that are not counted one by one: it has no name. */
  readonly kind: NewsKind | 'others';
  readonly name: Uint8Array;
  /** How many more messages met the state that an earlier event has told of; 0 where the state is new. */
  readonly more: number;
  readonly messageId: number;
}

/**
 * Answers one message, for a program that waits to learn what became of it. A receipt must never be dropped: there is
 * one for each message that asks for it, and nothing else tells the program.
 */
export interface Receipt {
  readonly class: 'receipt';
  readonly kind: NewsKind;
  readonly name: Uint8Array;
  /** The id that the sender gave the message. */
  readonly messageId: number;
}

/** The two classes of events, apart by type, so that whoever drops events cannot be given a receipt. */
export type ShardEvent = News | Receipt;

/** The classes and kinds of events, in the order of the numbers that stand for them in a record. */
const CLASSES = ['news', 'receipt'] as const satisfies readonly ShardEvent['class'][];
const KINDS = ['held', 'unknown', 'full', 'unstored', 'others'] as const satisfies readonly ShardEvent['kind'][];

/** @param more how many more messages the news that was said before holds for; 0 where it is news */
export function news(kind: News['kind'], name: Uint8Array, more = 0, messageId = NO_MESSAGE_ID): News {
  return { class: 'news', kind, name, more, messageId };
}

export function putEvent(batch: BatchBuilder, sender: AttachmentNumber, event: ShardEvent): void {
  const at = beginWithText(batch, TO_MAIN.event, EVENT.name, event.name);
  batch.words[at + EVENT.sender] = sender;
  batch.words[at + EVENT.class] = CLASSES.indexOf(event.class);
  batch.words[at + EVENT.kind] = KINDS.indexOf(event.kind);
  batch.words[at + EVENT.more] = event.class === 'news' ? Math.min(event.more, MAX_WORD) : 0;
  batch.words[at + EVENT.messageId] = event.messageId;
}

/** @returns undefined, and the record is none, if the record at the cursor is no event */
export function readEvent(cursor: BatchCursor): ShardEvent | undefined {
  const kind = KINDS[cursor.at(EVENT.kind)];
  const name = readText(cursor, EVENT.name);
  if (kind === undefined || name === undefined) return noEvent(cursor);
  const messageId = cursor.at(EVENT.messageId);
  const eventClass = CLASSES[cursor.at(EVENT.class)];
  switch (eventClass) {
    case 'news':
      return news(kind, name, cursor.at(EVENT.more), messageId);
    case 'receipt':
      if (kind === 'others' || messageId === NO_MESSAGE_ID) return noEvent(cursor);
      return { class: eventClass, kind, name, messageId };
    case undefined:
      return noEvent(cursor);
    default:
      return eventClass satisfies never;
  }
}

function noEvent(cursor: BatchCursor): undefined {
  cursor.fail();
  return undefined;
}
