/** The `show` command: the mail of one name, message by message. */
import { plainFrame } from '../../../protocol/program-text.ts';
import { isoTime, textOf } from '../../../shared/common/text.ts';
import type { Database } from '../../../store/database.ts';
import { entries, indexValueOf, mailRange } from '../../../store/entries.ts';
import { readMessage, readMessageKey, type StoredMessage } from '../../../store/format.ts';

/** One message in the output of `show`. */
export interface ShownMessage {
  readonly number: number;
  /** In ISO 8601; null if the message cannot be read. */
  readonly heldAt: string | null;
  /** The line that the peer would get, without its end; null if the message cannot be read. */
  readonly line: string | null;
}

/**
 * @returns the mail of `name`, in the order in which it would be delivered
 * @throws DamagedStore if the database cannot be read
 */
export async function* mailOf(db: Database, name: Uint8Array): AsyncGenerator<ShownMessage> {
  for await (const [key, value] of entries(db, mailRange(name))) {
    const number = readMessageKey(key)?.number;
    if (number === undefined) continue;
    const message = readMessage(key, value);
    yield message === undefined
      ? { number, heldAt: null, line: null }
      : { number, heldAt: isoTime(message.heldAt), line: lineOf(message) };
  }
}

/** A message of a program may be several lines for a plain peer. */
function lineOf({ frame, body }: StoredMessage): string {
  return textOf(plainFrame(frame, body)).replace(/\r?\n$/, '');
}

/**
 * Whether the store knows `name`, with mail or without.
 * @throws DamagedStore if the database cannot be read
 */
export async function isKnown(db: Database, name: Uint8Array): Promise<boolean> {
  return (await indexValueOf(db, name)) !== undefined;
}
