/** Counts the mail of one name, message by message, and compares it with the index record. */
import type { Database } from '../../../store/database.ts';
import { entries } from '../../../store/entries.ts';
import { type IndexRecord, type KeyRange, readMessage, type StoredMessage } from '../../../store/format.ts';
import { firstNumberAt, MAX_APART, numberAfterCrash } from '../../../store/numbers.ts';

/** The sum of the messages of one name. */
export class Tally {
  count = 0;
  bytes = 0;
  /** The messages have numbers from `from` to before `to`. */
  from = 0;
  to = 0;
  /** When the first message was held, in seconds since 1970. */
  oldest = 0;
  /** When the first of them expires, in seconds since 1970. */
  firstExpiry = Number.POSITIVE_INFINITY;

  /** Adds the next message. Messages must be added in the order of their numbers. */
  add({ number, heldAt, frame, expiry }: StoredMessage): void {
    if (this.count === 0) {
      this.from = number;
      this.oldest = heldAt;
    }
    this.to = number + 1;
    this.count++;
    this.bytes += frame.length;
    this.firstExpiry = Math.min(this.firstExpiry, expiry);
  }

  /** Removes the first message, which had this number and this many bytes. */
  takeFirst(number: number, bytes: number): void {
    this.from = number + 1;
    this.count--;
    this.bytes -= bytes;
  }
}

/**
 * Counts the messages of `range` that a shard would read as mail.
 * @throws DamagedStore if the database cannot be read
 */
export async function tally(db: Database, range: KeyRange): Promise<Tally> {
  const mail = new Tally();
  for await (const [key, value] of entries(db, range)) {
    const message = readMessage(key, value);
    if (message !== undefined) mail.add(message);
  }
  return mail;
}

/** Whether a shard would look for all of this mail, by this record. */
export function covers({ from, to }: IndexRecord, mail: Tally): boolean {
  return mail.count === 0 || (from <= mail.from && mail.to <= to);
}

/** Whether the record has the right counts. It need not have them if a session was attached when it was written. */
export function counts({ present, from, to, count, bytes }: IndexRecord, mail: Tally): boolean {
  if (present) return true;
  return count === mail.count && bytes === mail.bytes && (mail.count > 0 || from === to);
}

/**
 * @returns the index record of a name with this mail
 * @param known the record in the store, if there is one
 * @param now counts as the time since when the name is away, if there is no record; in seconds since 1970
 */
export function recordOf(known: IndexRecord | undefined, mail: Tally, now: number): IndexRecord {
  const empty = mail.count === 0;
  const next = empty ? (known?.next ?? firstNumberAt(now)) : nextNumber(known, mail);
  return {
    present: known?.present ?? false,
    next,
    from: empty ? next : mail.from,
    to: empty ? next : mail.to,
    count: mail.count,
    bytes: mail.bytes,
    awaySince: known?.awaySince ?? now,
    oldest: mail.oldest,
    firstExpiry: mail.firstExpiry,
  };
}

/** Without a record that is of this mail, it is not known what numbers were given. */
function nextNumber(known: IndexRecord | undefined, { from, to }: Tally): number {
  if (known === undefined || known.next - from > MAX_APART) return numberAfterCrash({ next: to, from });
  return Math.max(known.next, to);
}
