/** The mail of one name, message by message. */
import { isoTime, textOf } from '../../../shared/common/text.ts';
import type { Database } from '../../../store/database.ts';
import { entries, indexValueOf, mailRange } from '../../../store/entries.ts';
import { readMessage, readMessageKey } from '../../../store/format.ts';

export interface ShownMessage {
  readonly number: number;
  /** Null where the message cannot be read. */
  readonly heldAt: string | null;
  /** The line as its peer would get it, without its end; null where the message cannot be read. */
  readonly line: string | null;
}

/** The mail of `name` in the order it would be delivered. */
export async function* mailOf(db: Database, name: Uint8Array): AsyncGenerator<ShownMessage> {
  for await (const [key, value] of entries(db, mailRange(name))) {
    const number = readMessageKey(key)?.number;
    if (number === undefined) continue;
    const message = readMessage(key, value);
    yield message === undefined
      ? { number, heldAt: null, line: null }
      : { number, heldAt: isoTime(message.heldAt), line: textOf(message.frame).replace(/\r?\n$/, '') };
  }
}

/** Whether the store knows of `name`, with mail or without. */
export async function isKnown(db: Database, name: Uint8Array): Promise<boolean> {
  return (await indexValueOf(db, name)) !== undefined;
}
