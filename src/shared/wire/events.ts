/** Events: what a shard tells a session about messages that its peer has sent. */
import type { BatchBuilder, BatchCursor } from './batch.ts';
import { beginWithText, readText } from './record-text.ts';
import type { AttachmentNumber } from './records.ts';
import * as records from './records.ts';

const { EVENT, MAX_WORD, TO_MAIN } = records;

/**
 * What became of messages for a name: they are held, dropped because the name is unknown, refused because a limit is
 * reached, or refused because the store cannot be written.
 */
export type NewsKind = 'held' | 'unknown' | 'full' | 'unstored';

/** Stands for no message id: the event is not about one message, or the sender gave the message no id. */
export const NO_MESSAGE_ID = 0;

/**
 * Tells a peer about the state of a destination: once for each state, and now and then how many more messages met it.
 * News may be dropped when there is too much of it, because only a person reads it.
 */
export interface News {
  readonly class: 'news';
  /** `others` sums up destinations that are not counted one by one. It has no name. */
  readonly kind: NewsKind | 'others';
  readonly name: Uint8Array;
  /** How many more messages met a state that an earlier event has told of; 0 if the state is new. */
  readonly more: number;
  readonly messageId: number;
}

/**
 * Tells a program what became of one message for one name. An outcome must never be dropped: each message with an id
 * has exactly one for each of its names, and the program learns it from nothing else.
 */
export interface Outcome {
  readonly class: 'outcome';
  /** `taken`: the name is here, and the message is in memory. The others are those of news. */
  readonly kind: 'taken' | NewsKind;
  readonly name: Uint8Array;
  /** The number that the session has given the message. */
  readonly messageId: number;
  /** Whether it is the outcome of an earlier message with the same id, and this one was dropped as its repeat. */
  readonly duplicate: boolean;
}

/** The two classes of events. They have different types, so that code that drops news cannot be given an outcome. */
export type ShardEvent = News | Outcome;

/** The classes and kinds of events. A record has the index of each. */
const CLASSES = ['news', 'outcome'] as const satisfies readonly ShardEvent['class'][];
const KINDS = [
  'held',
  'unknown',
  'full',
  'unstored',
  'others',
  'taken',
] as const satisfies readonly ShardEvent['kind'][];

/**
 * @returns a piece of news
 * @param more how many more messages met the same state; 0 if the state is new
 */
export function news(kind: News['kind'], name: Uint8Array, more = 0, messageId = NO_MESSAGE_ID): News {
  return { class: 'news', kind, name, more, messageId };
}

/** @returns an outcome */
export function outcome(kind: Outcome['kind'], name: Uint8Array, messageId: number, duplicate = false): Outcome {
  return { class: 'outcome', kind, name, messageId, duplicate };
}

/** Puts an event for the session `sender`. */
export function putEvent(batch: BatchBuilder, sender: AttachmentNumber, event: ShardEvent): void {
  const at = beginWithText(batch, TO_MAIN.event, EVENT.name, event.name);
  batch.words[at + EVENT.sender] = sender;
  batch.words[at + EVENT.class] = CLASSES.indexOf(event.class);
  batch.words[at + EVENT.kind] = KINDS.indexOf(event.kind);
  batch.words[at + EVENT.more] = event.class === 'news' ? Math.min(event.more, MAX_WORD) : 0;
  batch.words[at + EVENT.messageId] = event.messageId;
  batch.words[at + EVENT.duplicate] = event.class === 'outcome' && event.duplicate ? 1 : 0;
}

/** Reads an event. @returns undefined, with the batch marked as broken, if the record is not valid */
export function readEvent(cursor: BatchCursor): ShardEvent | undefined {
  const kind = KINDS[cursor.at(EVENT.kind)];
  const name = readText(cursor, EVENT.name);
  if (kind === undefined || name === undefined) return noEvent(cursor);
  const messageId = cursor.at(EVENT.messageId);
  const eventClass = CLASSES[cursor.at(EVENT.class)];
  switch (eventClass) {
    case 'news':
      if (kind === 'taken') return noEvent(cursor);
      return news(kind, name, cursor.at(EVENT.more), messageId);
    case 'outcome':
      if (kind === 'others' || messageId === NO_MESSAGE_ID) return noEvent(cursor);
      return outcome(kind, name, messageId, cursor.at(EVENT.duplicate) !== 0);
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
