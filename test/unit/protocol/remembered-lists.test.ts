/** Lists of names that lines begin with are remembered from the second time on, and found by their text alone. */
import { describe, expect, it } from 'vitest';
import { AddressedLine } from '../../../src/protocol/plain/addressed-line.ts';
import { MAX_LIST_BYTES, MAX_LIST_NAMES, RememberedLists } from '../../../src/protocol/plain/remembered-lists.ts';
import type { DestinationSet } from '../../../src/router/destination-set.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { lineOf } from '../../helpers/unit/lines.ts';

/** Asks for the list of a line as a session does: what is not found is noted. */
function ask(lists: RememberedLists, text: string): DestinationSet | undefined {
  const line = lineOf(Buffer.from(text));
  const found = lists.find(line);
  if (found !== undefined) return found;
  const to = split();
  expect(to.split(line)).toBe('split');
  lists.missed(line, to);
  return undefined;
}

function split(shards = 1): AddressedLine {
  return new AddressedLine(new HashPlacement(shards));
}

function textsOf(set: DestinationSet | undefined): string[] {
  const names = set?.names();
  return Array.from({ length: names?.count ?? 0 }, (_, i) =>
    Buffer.from(names?.line.bytes.subarray(names.starts[i], names.ends[i]) ?? []).toString(),
  );
}

/** Whether the list of `text` is found the third time it is asked for. */
function isRemembered(text: string): boolean {
  const lists = new RememberedLists(split());
  expect([ask(lists, text), ask(lists, text)]).toEqual([undefined, undefined]);
  return ask(lists, text) !== undefined;
}

describe('a list', () => {
  it('is remembered when it comes for the second time, whoever the message is for and whatever it says', () => {
    const lists = new RememberedLists(split());
    expect(ask(lists, 'bob,eve: one')).toBeUndefined();
    expect(ask(lists, 'bob,eve: two')).toBeUndefined();
    const found = ask(lists, 'bob,eve:  three : 3 ');
    expect(found?.lasting).toBe(true);
    expect(textsOf(found)).toEqual(['bob', 'eve']);
    const line = lineOf(Buffer.from('bob,eve:  three : 3 '));
    expect(lists.find(line)).toBe(found);
    expect(lists.colonOf(line)).toBe(7);
    expect(ask(lists, 'bob,eve:')).toBe(found);
  });

  it('has its names in their order, whatever its length', () => {
    const lists = new RememberedLists(split());
    for (let length = 3; length < 14; length++) {
      const names = ['é', 'b'.repeat(length), ''];
      for (let i = 0; i < 2; i++) ask(lists, `${names.join(' ,')}: x`);
      expect(textsOf(ask(lists, `${names.join(' ,')}: y`))).toEqual(names);
    }
  });

  it('is another where one byte of its text is another, wherever that is', () => {
    const text = 'bob,eve,joe,amy';
    const lists = new RememberedLists(split());
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
    const lists = new RememberedLists(split());
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

  it('is found with the way that the router has noted', () => {
    const lists = new RememberedLists(split());
    for (let i = 0; i < 2; i++) ask(lists, 'bob,eve: x');
    const found = ask(lists, 'bob,eve: x');
    if (found === undefined) throw new Error('it is not remembered');
    found.route = [];
    expect(ask(lists, 'bob,eve: y')?.route).toBe(found.route);
  });
});

it('has its names from the line that it was found in, as long as that is at hand, and from its text later', () => {
  const lists = new RememberedLists(split());
  const to = split();
  const line = lineOf(Buffer.from('ann, bob: one'));
  lists.find(line);
  to.split(line);
  expect(lists.missed(line, to)).toBeUndefined();
  lists.find(line);
  const list = lists.missed(line, to);
  expect(list?.names()).toBe(to);
  expect(to.split(lineOf(Buffer.from('eve, zed')))).toBe('no colon');
  expect(list?.names()).not.toBe(to);
  expect(textsOf(list)).toEqual(['ann', 'bob']);
});
