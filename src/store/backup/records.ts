/**
 * A backup on its way from a broker to who asked for it. It is a row of records, and whole only with the last one:
 *
 * | kind (1 byte) | key | value |
 * | --- | --- | --- |
 * | `head` | none | the size of the store, as text |
 * | `accounts` | none | the file of accounts, if there is one |
 * | `entry` | a key of the store | its value |
 * | `end` | none | how many entries there were, as text |
 * | `failed` | none | why there is no end |
 *
 * The lengths of key and value (4 bytes each, big-endian) stand behind the kind.
 */
import type { Entry } from '../format.ts';

const KINDS = ['head', 'accounts', 'entry', 'end', 'failed'] as const;
type Kind = (typeof KINDS)[number];

const HEADER_BYTES = 9;
const ENTRY = KINDS.indexOf('entry');
const NONE = new Uint8Array(0);
/** No broker sends longer ones: a line may have 64 MiB at most. */
const MAX_RECORD_BYTES = 128 * 1024 * 1024;

/** What a reader gets: entries come several at a time. */
export type BackupRecord =
  | { readonly kind: Exclude<Kind, 'entry'>; readonly value: Uint8Array }
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] };

/** What comes is no backup, or only a part of one. */
export class BrokenBackup extends Error {
  override readonly name = 'BrokenBackup';
}

/** @returns one record as bytes */
export function recordBytes(kind: Exclude<Kind, 'entry'>, value: Uint8Array | string): Uint8Array {
  return written([[NONE, typeof value === 'string' ? Buffer.from(value) : value]], KINDS.indexOf(kind));
}

/** @returns entries as bytes, a record each */
export function entryBytes(entries: readonly Entry[]): Uint8Array {
  return written(entries, ENTRY);
}

function written(entries: readonly Entry[], kind: number): Uint8Array {
  const size = entries.reduce((sum, [key, value]) => sum + HEADER_BYTES + key.length + value.length, 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [key, value] of entries) {
    bytes[at] = kind;
    bytes.writeUInt32BE(key.length, at + 1);
    bytes.writeUInt32BE(value.length, at + 5);
    bytes.set(key, at + HEADER_BYTES);
    bytes.set(value, at + HEADER_BYTES + key.length);
    at += HEADER_BYTES + key.length + value.length;
  }
  return bytes;
}

/**
 * Reads records, however their bytes are cut.
 * @throws BrokenBackup if they are no records, or end in the middle of one
 */
export async function* recordsIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<BackupRecord> {
  let need = HEADER_BYTES;
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    // A long record comes in many pieces, which are put together once.
    if (bytes < need) continue;
    const read = readRecords(Buffer.concat(waiting));
    yield* read.records;
    need = read.need;
    waiting = [read.rest];
    bytes = read.rest.length;
  }
  if (bytes > 0) throw new BrokenBackup('it ends in the middle of a record');
}

/** Reads all whole records. @returns the rest too, and how many bytes are needed for the next record */
function readRecords(bytes: Buffer) {
  const records: BackupRecord[] = [];
  let entries: Entry[] = [];
  let at = 0;
  for (;;) {
    const size = sizeAt(bytes, at);
    if (at + size > bytes.length) {
      if (entries.length > 0) records.push({ kind: 'entries', entries });
      return { records, rest: bytes.subarray(at), need: size };
    }
    const kind = KINDS[bytes[at] as number];
    const valueAt = at + HEADER_BYTES + bytes.readUInt32BE(at + 1);
    const value = bytes.subarray(valueAt, at + size);
    if (kind === undefined) throw new BrokenBackup('it is no backup');
    if (kind === 'entry') entries.push([bytes.subarray(at + HEADER_BYTES, valueAt), value]);
    else {
      if (entries.length > 0) records.push({ kind: 'entries', entries });
      entries = [];
      records.push({ kind, value });
    }
    at += size;
  }
}

/** @returns the bytes of the record at a place, or of its header if that is not whole */
function sizeAt(bytes: Buffer, at: number): number {
  if (bytes.length < at + HEADER_BYTES) return HEADER_BYTES;
  const size = HEADER_BYTES + bytes.readUInt32BE(at + 1) + bytes.readUInt32BE(at + 5);
  if (size > MAX_RECORD_BYTES) throw new BrokenBackup('it is no backup');
  return size;
}
