/** The content of a simulated disk, as copies of the ledger. */
import { nameOfIndexKey, readIndexValue, readMessage, readMessageKey } from '../../../src/store/format.ts';
import { type Disk, recordOf } from '../world/disk.ts';
import type { Chance } from './chance.ts';
import { idsIn, keyOf, type Ledger } from './ledger.ts';

/** @param but the messages that do not count, by `recordOf` */
export function* copiesOn(
  disk: Disk,
  which: 'now' | 'synced' = 'now',
  but: ReadonlySet<string> = new Set(),
): Generator<string> {
  for (const [key, value] of disk.entries(which)) {
    const message = readMessageKey(key);
    if (message === undefined || but.has(recordOf(message.name, message.number))) continue;
    for (const id of idsIn(Buffer.from(value).toString('latin1'))) yield keyOf(id, `${Buffer.from(message.name)}`);
  }
}

/** When each copy on the disk expires, as `Infinity` if it does not. */
export function* expiriesOn(disk: Disk): Generator<{ readonly key: string; readonly expiry: number }> {
  for (const [key, value] of disk.entries('now')) {
    const name = readMessageKey(key)?.name;
    const message = readMessage(key, value);
    if (name === undefined || message === undefined) continue;
    const { frame, expiry } = message;
    for (const id of idsIn(Buffer.from(frame).toString('latin1')))
      yield { key: keyOf(id, `${Buffer.from(name)}`), expiry };
  }
}

/** The names that have an index record. */
export function* namesOn(disk: Disk): Generator<string> {
  for (const [key] of disk.entries('now')) {
    const name = nameOfIndexKey(key);
    if (name !== undefined) yield `${Buffer.from(name)}`;
  }
}

/**
 * Checks the index records after an orderly stop: each must say exactly what mail there is.
 * @param vanished how many messages have vanished from the disk without a removal by the broker
 */
export function checkIndex(disk: Disk, vanished: number): void {
  const found = mailOn(disk);
  for (const [key, value] of disk.entries('now')) {
    const name = nameOfIndexKey(key);
    if (name === undefined) continue;
    const record = readIndexValue(value);
    const { count, bytes } = found.get(`${Buffer.from(name)}`) ?? { count: 0, bytes: 0 };
    // A record that is marked as possibly old is not trusted, and need not be exact.
    if (record?.present === true || (record?.count === count && record.bytes === bytes)) continue;
    // A vanished message is noticed only when it is read, or when all mail is counted.
    if (record !== undefined && record.count > count && record.count - count <= vanished) continue;
    throw new Error(
      `the index says ${JSON.stringify(record)} of ${Buffer.from(name)}: ${count} messages of ${bytes} bytes`,
    );
  }
}

function mailOn(disk: Disk): Map<string, { count: number; bytes: number }> {
  const found = new Map<string, { count: number; bytes: number }>();
  for (const [key, value] of disk.entries('now')) {
    const name = readMessageKey(key)?.name;
    const message = readMessage(key, value);
    if (name === undefined || message === undefined) continue;
    const sum = found.get(`${Buffer.from(name)}`) ?? { count: 0, bytes: 0 };
    found.set(`${Buffer.from(name)}`, { count: sum.count + 1, bytes: sum.bytes + message.frame.length });
  }
  return found;
}

/**
 * Removes some messages from the disk, and leaves their index records as they are. LevelDB does that to damaged data,
 * without an error.
 * @returns how many
 */
export function loseSome(disk: Disk, chance: Chance, ledger: Ledger): number {
  if (!chance.once(6)) return 0;
  let lost = 0;
  for (const [key, value] of [...disk.entries('now')]) {
    const name = readMessageKey(key)?.name;
    if (name === undefined || !chance.once(3)) continue;
    for (const id of idsIn(Buffer.from(value).toString('latin1')))
      ledger.mayBeLost.add(keyOf(id, `${Buffer.from(name)}`));
    disk.lose(key);
    lost++;
  }
  return lost;
}
