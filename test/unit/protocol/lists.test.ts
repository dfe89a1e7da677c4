/** Lists of names that lines begin with are remembered from the second time on, and found by their text alone. */
import { describe, expect, it } from 'vitest';
import { AddressedLine } from '../../../src/protocol/plain/address.ts';
import {
  MAX_LIST_BYTES,
  MAX_LIST_NAMES,
  RememberedLists,
  type ShardList,
} from '../../../src/protocol/plain/address-cache.ts';
import { lineOf } from '../../helpers/unit/lines.ts';

/** Asks for the list of a line as the router does: what is not found is noted. */
function ask(lists: RememberedLists, text: string, shards = 1): readonly ShardList[] | undefined {
  const line = lineOf(Buffer.from(text));
  const found = lists.find(line);
  if (found !== undefined) return found;
  const to = new AddressedLine(shards);
  expect(to.split(line.bytes, line.start, line.end)).toBe('split');
  lists.missed(line, to);
  return undefined;
}

/** Whether the list of `text` is found the third time it is asked for. */
function isRemembered(text: string): boolean {
  const lists = new RememberedLists(1);
  expect([ask(lists, text), ask(lists, text)]).toEqual([undefined, undefined]);
  return ask(lists, text) !== undefined;
}

describe('a list', () => {
  it('is remembered when it comes for the second time, whoever the message is for and whatever it says', () => {
    const lists = new RememberedLists(1);
    expect(ask(lists, 'bob,eve: one')).toBeUndefined();
    expect(ask(lists, 'bob,eve: two')).toBeUndefined();
    const found = ask(lists, 'bob,eve:  three : 3 ');
    expect(found?.map(({ shard }) => shard)).toEqual([0]);
    const line = Buffer.from('bob,eve:  three : 3 ');
    expect(line.toString('latin1', lists.bodyStart, lists.bodyEnd)).toBe('three : 3');
    expect(ask(lists, 'bob,eve:')).toBe(found);
    expect([lists.bodyStart, lists.bodyEnd]).toEqual([8, 8]);
  });

  it('is another where one byte of its text is another, wherever that is', () => {
    const text = 'bob,eve,joe,amy';
    const lists = new RememberedLists(1);
    ask(lists, `${text}: x`);
    ask(lists, `${text}: x`);
    expect(ask(lists, `${text}: x`)).toBeDefined();
    for (let i = 0; i < text.length; i++) {
      expect(ask(lists, `${text.slice(0, i)}z${text.slice(i + 1)}: x`), `byte ${i}`).toBeUndefined();
    }
    for (const other of [`${text}a`, text.slice(0, -1), `${text} `, ` ${text}`]) {
      expect(ask(lists, `${other}: x`), other).toBeUndefined();
    }
    expect(ask(lists, `${text}: x`)).toBeDefined();
  });

  it('may have any length up to its limit', () => {
    const lengths = [3, 4, 5, 6, 7, 8, 9, 63, 64, 65, MAX_LIST_BYTES - 1, MAX_LIST_BYTES];
    const text = (length: number) => `a,${'b'.repeat(length - 2)}`;
    expect(lengths.filter((length) => !isRemembered(`${text(length)}:`))).toEqual([]);
    expect(isRemembered(`${text(MAX_LIST_BYTES + 1)}:`)).toBe(false);
    expect(isRemembered(`${text(MAX_LIST_BYTES * 3)}: x`)).toBe(false);
  });

  it('may have any number of names up to its limit', () => {
    const names = (count: number) => Array.from({ length: count }, () => 'a').join(',');
    expect(isRemembered(`${names(MAX_LIST_NAMES)}: x`)).toBe(true);
    expect(isRemembered(`${names(MAX_LIST_NAMES + 1)}: x`)).toBe(false);
  });

  it('may hold any bytes: those next to a colon in value are none', () => {
    expect(isRemembered('\u003b9\u003b9,:')).toBe(true);
    expect(isRemembered('é,\u00ba\u00ba,\u013a: x')).toBe(true);
  });

  it('gives way to another at its place only when it is not asked for in between', () => {
    // More lists than there are places, each twice: some must share a place.
    const lists = new RememberedLists(1);
    const many = Array.from({ length: 20_000 }, (_, i) => `a,n${i}: x`);
    for (const text of [...many, ...many]) ask(lists, text);
    const kept = many.filter((text) => lists.find(lineOf(Buffer.from(text))) !== undefined);
    expect(kept.length).toBeLessThanOrEqual(4_096);
    const [resident = ''] = kept;
    for (let round = 0; round < 3; round++) {
      for (const text of many) {
        if (text === resident) continue;
        ask(lists, text);
        ask(lists, resident);
      }
    }
    expect(ask(lists, resident)).toBeDefined();
  });

  it('of two shards is found with a part for each, and without one for a shard that none belongs to', () => {
    const lists = new RememberedLists(3);
    const to = new AddressedLine(3);
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const shardOf = (name: string) => {
      to.split(Buffer.from(`${name}:`), 0, name.length + 1);
      return to.shards[0] as number;
    };
    const two = names.filter((name) => shardOf(name) !== 1);
    const text = `${two.join(',')}: x`;
    ask(lists, text, 3);
    ask(lists, text, 3);
    expect(ask(lists, text, 3)?.map(({ shard }) => shard)).toEqual([0, 2]);
  });
});
