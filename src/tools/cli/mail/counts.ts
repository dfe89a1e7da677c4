/** What the mail of one name comes to, counted message by message, and the index record that says so. */
import type { Database } from '../../../store/database.ts';
import { entries } from '../../../store/entries.ts';
import {
  FIRST_NUMBER,
  type IndexRecord,
  type KeyRange,
  readMessage,
  type StoredMessage,
} from '../../../store/format.ts';

export class Tally {
  count = 0;
  bytes = 0;
  /** The numbers are from `from` to before `to`. */
  from = 0;
  to = 0;
  /** When the first was held, in seconds since 1970. */
  oldest = 0;

  /** Counts the next message, in the order of their numbers. */
  add({ number, heldAt, frame }: StoredMessage): void {
    if (this.count === 0) {
      this.from = number;
      this.oldest = heldAt;
    }
    this.to = number + 1;
    this.count++;
    this.bytes += frame.length;
  }

  /** Counts no longer its first message, which had this number and as many bytes. */
  takeFirst(number: number, bytes: number): void {
    this.from = number + 1;
    this.count--;
    this.bytes -= bytes;
  }
}

/** Counts what of `range` a shard would read as mail. */
export async function tally(db: Database, range: KeyRange): Promise<Tally> {
  const mail = new Tally();
  for await (const [key, value] of entries(db, range)) {
    const message = readMessage(key, value);
    if (message !== undefined) mail.add(message);
  }
  return mail;
}

/** Whether all of the mail is where a shard looks for it by this record. */
export function covers({ from, to }: IndexRecord, mail: Tally): boolean {
  return mail.count === 0 || (from <= mail.from && mail.to <= to);
}

/** Whether the record says how much mail there is; while somebody was attached it need not. */
export function counts({ present, from, to, count, bytes }: IndexRecord, mail: Tally): boolean {
  if (present) return true;
  return count === mail.count && bytes === mail.bytes && (mail.count > 0 || from === to);
}

/**
 * The index record of a name that has this mail.
 * @param known what the store says of the name, if it says anything
 * @param now when a name of which nothing is known counts as having left, in seconds since 1970
 */
export function recordOf(known: IndexRecord | undefined, mail: Tally, now: number): IndexRecord {
  const next = Math.max(known?.next ?? FIRST_NUMBER, mail.to);
  const empty = mail.count === 0;
  return {
    present: known?.present ?? false,
    next,
    from: empty ? next : mail.from,
    to: empty ? next : mail.to,
    count: mail.count,
    bytes: mail.bytes,
    awaySince: known?.awaySince ?? now,
    oldest: mail.oldest,
  };
}
