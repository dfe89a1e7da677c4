/** What goes from memory to the store: in its order, synced where it is held, and no faster than the disk takes it. */
import { describe, expect, it } from 'vitest';
import { GROUP_BYTES } from '../../../workers/mailbox/disk/group-commit.ts';
import { mailboxOf } from '../../../workers/mailbox/mailbox.ts';
import { takeNumber } from '../../../workers/names/frame-numbers.ts';
import type { Name } from '../../../workers/names/name.ts';
import { attach, nameOf, PaperDisk } from '../../helpers/unit/shard/mailbox.ts';

/** Puts lines to the front or the back of a mailbox, with the next numbers of its name. */
function put(paper: PaperDisk, name: Name, end: 'front' | 'back', ...lines: string[]): void {
  for (const line of lines) {
    const frame = Buffer.from(`${line}\n`);
    mailboxOf(name)[end].push(frame, 0, frame.length, 0, 1000, takeNumber(name));
    paper.memory.add(frame.length);
  }
}

/** Stores a line as a new message for a name that is away. */
function hold(paper: PaperDisk, name: Name, line: string): void {
  paper.disk.spill.hold(name, mailboxOf(name), takeNumber(name), Buffer.from(`${line}\n`), 1000, 0);
}

describe('a new message for a peer that is away', () => {
  it('is stored and synced', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    hold(paper, bob, 'one');
    expect(bob.mailbox).toMatchObject({ count: 1, bytes: 4, stored: { count: 1 } });
    expect([paper.write().stored, paper.store.syncs]).toEqual([['one'], 1]);
  });
});

describe('the back of a mailbox', () => {
  it('is stored behind what is stored, is in memory no more, and needs no sync', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    put(paper, bob, 'back', 'one');
    paper.disk.spill.storeBack(bob, mailboxOf(bob));
    put(paper, bob, 'back', 'two', 'three');
    expect(paper.memory.bytes).toBe(10);
    paper.disk.spill.storeBack(bob, mailboxOf(bob));
    expect([paper.memory.bytes, mailboxOf(bob).back.count]).toEqual([0, 0]);
    expect([paper.write().stored, paper.store.syncs]).toEqual([['one', 'two', 'three'], 0]);
  });

  it('that is empty writes nothing', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    paper.disk.spill.storeBack(bob, mailboxOf(bob));
    expect(paper.disk.idle).toBe(true);
  });
});

describe('all that is in memory', () => {
  it('is stored around what is stored, and can be read once all of it is written', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    put(paper, bob, 'front', 'one', 'two');
    hold(paper, bob, 'three');
    put(paper, bob, 'back', 'four');
    paper.write();
    const { stored } = mailboxOf(bob);
    expect(stored.readable).toBe(true);
    paper.disk.spill.storeMemory(bob, mailboxOf(bob));
    expect(stored).toMatchObject({ count: 4, bytes: 19, readable: false });
    expect([stored.from, stored.to]).toEqual([bob.nextNumber - 4, bob.nextNumber]);
    expect(paper.write().stored).toEqual(['one', 'two', 'three', 'four']);
    expect([stored.readable, paper.memory.bytes]).toEqual([true, 0]);
  });
});

describe('what a peer has left', () => {
  it('is stored and synced, and its mailbox may have become empty', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    put(paper, bob, 'front', 'one');
    paper.disk.spill.storeAll(bob);
    expect([paper.write().stored, paper.store.syncs, paper.left]).toEqual([['one'], 1, ['bob']]);
  });

  it('and what was written to it before is deleted', () => {
    const paper = new PaperDisk();
    const bob = nameOf('bob');
    hold(paper, bob, 'one');
    hold(paper, bob, 'two');
    paper.write();
    const { stored } = mailboxOf(bob);
    stored.take(1, 4, stored.from);
    paper.disk.spill.storeAll(bob);
    expect(paper.write().stored).toEqual(['two']);
  });

  it('is copied a group at a time, as the disk takes them', () => {
    const paper = new PaperDisk();
    const names = ['amy', 'bob', 'eve'].map(nameOf);
    for (const name of names) put(paper, name, 'front', 'x'.repeat(2 * GROUP_BYTES));
    for (const name of names) paper.disk.spill.storeAll(name);
    expect(names.map((name) => name.mailbox?.front.count)).toEqual([0, 1, 1]);
    expect(paper.disk.spill.idle).toBe(false);
    paper.store.answer();
    expect(names.map((name) => name.mailbox?.front.count)).toEqual([0, 0, 1]);
    expect([paper.write().stored.length, paper.disk.idle]).toEqual([3, true]);
  });

  it('stays in memory if the next peer is there by then, or if the name is forgotten', () => {
    const paper = new PaperDisk();
    const [amy, bob, eve] = [nameOf('amy'), nameOf('bob'), nameOf('eve')];
    for (const name of [amy, bob, eve]) put(paper, name, 'front', 'x'.repeat(2 * GROUP_BYTES));
    for (const name of [amy, bob, eve]) paper.disk.spill.storeAll(name);
    attach(bob);
    paper.disk.spill.forget(eve);
    paper.write();
    expect([amy, bob, eve].map((name) => name.mailbox?.front.count)).toEqual([0, 1, 1]);
  });
});
