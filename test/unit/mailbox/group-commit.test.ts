/** Groups for the disk: their order, their size, and whom they keep waiting. */
import { describe, expect, it } from 'vitest';
import { GROUP_BYTES, GroupCommit } from '../../../workers/mailbox/disk/group-commit.ts';
import { PaperStore } from '../../helpers/unit/store.ts';

const VALUE = new Uint8Array(100_000);
const key = (number: number) => Buffer.from(`m${String(number).padStart(6, '0')}`);

function paperGroups() {
  const store = new PaperStore();
  const groups: number[] = [];
  let sealed = 0;
  const commit = new GroupCommit(store, {
    seal: () => sealed++,
    wrote: () => commit.submit(),
    failed: () => undefined,
  });
  const write = store.write.bind(store);
  store.write = (ops, sync, done) => {
    groups.push(ops.length);
    write(ops, sync, done);
  };
  return { store, commit, groups, sealed: () => sealed };
}

describe('what is much for one group', () => {
  it('is written in several, in its order, each sealed and none much larger than it may be', () => {
    const { store, commit, groups, sealed } = paperGroups();
    for (let i = 0; i < 100; i++) {
      commit.put(key(i), VALUE);
      commit.closeIfLarge();
    }
    commit.submit();
    while (store.answer());
    expect(groups.reduce((sum, ops) => sum + ops, 0)).toBe(100);
    for (const ops of groups) expect((ops - 1) * VALUE.length).toBeLessThanOrEqual(GROUP_BYTES);
    expect(groups.length).toBeGreaterThan(4);
    expect(sealed()).toBeGreaterThanOrEqual(groups.length);
    expect(store.keys('m')).toHaveLength(100);
    expect([commit.idle, commit.pendingBytes]).toEqual([true, 0]);
  });

  it('keeps nobody waiting but who asked for the last of it', () => {
    const { store, commit } = paperGroups();
    const written: string[] = [];
    commit.put(key(0), VALUE);
    commit.whenWritten(() => written.push('first'));
    for (let i = 1; i < 30; i++) {
      commit.put(key(i), VALUE);
      commit.closeIfLarge();
    }
    commit.whenWritten(() => written.push('last'));
    store.answer();
    expect(written).toEqual(['first']);
    while (store.answer());
    expect(written).toEqual(['first', 'last']);
  });

  it('is all found while it is not written, and waits in its order while the store refuses', () => {
    const { store, commit } = paperGroups();
    store.failing = 'no space left on device';
    for (let i = 0; i < 50; i++) {
      commit.put(key(i), VALUE);
      commit.closeIfLarge();
    }
    while (store.answer());
    const range = { from: key(0), to: key(999_999) };
    const found = commit.unwritten(range).map(([at]) => Buffer.from(at).toString());
    expect(found).toEqual(Array.from({ length: 50 }, (_, i) => key(i).toString()));
    store.failing = undefined;
    commit.resume();
    commit.submit();
    while (store.answer());
    expect([commit.idle, store.keys('m').length]).toEqual([true, 50]);
  });
});

describe('what is not written yet', () => {
  it('is as it was put last, without what was deleted after that', () => {
    const { commit } = paperGroups();
    for (const number of [1, 2, 3]) commit.put(key(number), VALUE);
    commit.del(key(2));
    commit.put(key(1), Buffer.from('again'));
    const found = commit.unwritten({ from: key(0), to: key(9) });
    expect(found.map(([at, value]) => [`${Buffer.from(at)}`, value.length])).toEqual([
      [key(3).toString(), VALUE.length],
      [key(1).toString(), 5],
    ]);
  });
});
