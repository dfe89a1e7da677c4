/** Index records: when they are written, what they say, and when mail counts as committed. */
import { describe, expect, it } from 'vitest';
import { type IndexRecord, indexKey, readIndexValue } from '../../../src/store/format.ts';
import { mailboxOf } from '../../../workers/mailbox/mailbox.ts';
import { takeNumber } from '../../../workers/names/frame-numbers.ts';
import type { Name } from '../../../workers/names/name.ts';
import { attach, nameOf, PaperDisk } from '../../helpers/unit/shard/mailbox.ts';

function hold({ disk }: PaperDisk, name: Name, line = 'line'): void {
  disk.spill.hold(name, mailboxOf(name), takeNumber(name), Buffer.from(`${line}\n`), 1000, 0);
}

function recordOf({ store }: PaperDisk, name: Name): IndexRecord | undefined {
  const value = store.entries.get(Buffer.from(indexKey(name.bytes)).toString('hex'));
  return value === undefined ? undefined : readIndexValue(value);
}

describe('the record of a name', () => {
  it('says what the store has once its group is written', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    Object.assign(bob, { awaySince: 900 });
    hold(paper, bob);
    hold(paper, bob);
    paper.write();
    const next = bob.nextNumber;
    const counted = {
      from: next - 2,
      to: next,
      count: 2,
      bytes: 10,
      oldest: 1000,
      firstExpiry: Number.POSITIVE_INFINITY,
    };
    expect(recordOf(paper, bob)).toEqual({ ...counted, present: false, next, awaySince: 900 });
    expect(bob.storedNumber).toBe(bob.nextNumber);
  });

  it('is written once a group, however much has changed', () => {
    const paper = new PaperDisk();
    let records = 0;
    const { put } = paper.disk.groups;
    paper.disk.groups.put = (key, value) => {
      if (key[0] === 'n'.charCodeAt(0)) records++;
      put.call(paper.disk.groups, key, value);
    };
    for (let i = 0; i < 10; i++) hold(paper, nameOf(`other${i}`));
    const bob = nameOf('bob');
    for (let i = 0; i < 10; i++) hold(paper, bob);
    expect([records, paper.disk.index.idle]).toEqual([0, false]);
    paper.write();
    expect([records, paper.disk.index.idle]).toEqual([11, true]);
  });

  it('says that somebody is present while it has a holder, or its count may be too much', () => {
    const paper = new PaperDisk();
    const [amy, bob] = [nameOf('amy'), nameOf('bob')];
    attach(amy);
    paper.disk.index.touch(amy);
    hold(paper, bob);
    mailboxOf(bob).stored.skip(undefined);
    paper.write();
    expect([recordOf(paper, amy)?.present, recordOf(paper, bob)?.present]).toEqual([true, true]);
  });

  it('is none for a name that is not remembered, as long as the store has none of its mail', () => {
    const paper = new PaperDisk();
    const bob = nameOf('~bob');
    paper.disk.index.touch(bob);
    expect([paper.disk.index.idle, recordOf(paper.write(), bob)]).toEqual([true, undefined]);
    hold(paper, bob);
    expect(recordOf(paper.write(), bob)?.count).toBe(1);
  });

  it('is deleted with its name, and is not written after that', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    paper.disk.index.touch(bob);
    paper.write();
    paper.disk.index.touch(bob);
    paper.disk.index.remove(bob);
    expect([recordOf(paper.write(), bob), bob.storedNumber, paper.disk.idle]).toEqual([undefined, 0, true]);
  });
});

describe('mail', () => {
  it('counts as committed when its group is written, and not before', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    hold(paper, bob);
    paper.disk.groups.submit();
    hold(paper, bob);
    const { stored } = mailboxOf(bob);
    expect(stored.readable).toBe(false);
    paper.store.answer();
    expect([stored.readable, stored.committedTo]).toEqual([true, bob.nextNumber - 1]);
    expect([paper.write().ready, stored.committedTo]).toEqual([[], bob.nextNumber]);
  });

  it('is ready for the holder that has come meanwhile', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    hold(paper, bob);
    paper.disk.groups.submit();
    attach(bob);
    expect(paper.write().ready).toEqual(['bob']);
  });

  it('that was stored before other mail is committed by its own group alone', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    const frame = Buffer.from('first\n');
    mailboxOf(bob).front.push(frame, 0, frame.length, 0, 1000, takeNumber(bob));
    hold(paper, bob);
    paper.disk.groups.submit();
    paper.disk.spill.storeMemory(bob, mailboxOf(bob));
    paper.store.answer();
    const { stored } = mailboxOf(bob);
    expect(stored.readable).toBe(false);
    paper.write();
    expect([stored.readable, paper.stored]).toEqual([true, ['first', 'line']]);
  });

  it('of a mailbox that is gone makes nobody ready', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    hold(paper, bob);
    attach(bob);
    bob.mailbox = undefined;
    expect(paper.write().ready).toEqual([]);
  });
});
