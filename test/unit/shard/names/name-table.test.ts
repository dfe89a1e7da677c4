import { describe, expect, it } from 'vitest';
import type { Name } from '../../../../workers/names/name.ts';
import { NameTable } from '../../../../workers/names/name-table.ts';

const bytes = (text: string) => Buffer.from(text);

function tableOf(count: number): { table: NameTable; names: Name[] } {
  const table = new NameTable(() => 1, 7);
  const names = Array.from({ length: count }, (_, i) => table.findOrAdd(bytes(`name ${i}`)));
  return { table, names };
}

describe('a table of names', () => {
  it('finds a name by its bytes, and no other', () => {
    const { table, names } = tableOf(3);
    expect(table.find(bytes('name 1'))).toBe(names[1]);
    expect(['name', 'name 11', 'Name 1', '', 'name 1\0'].map((text) => table.find(bytes(text)))).toEqual(
      Array(5).fill(undefined),
    );
  });

  it('finds it in the middle of a batch', () => {
    const { table, names } = tableOf(3);
    expect(table.find(bytes('::name 2::'), 2, 6)).toBe(names[2]);
  });

  it('adds a name once', () => {
    const { table, names } = tableOf(3);
    expect(table.findOrAdd(bytes('name 1'))).toBe(names[1]);
    expect(table.size).toBe(3);
  });

  it('knows the empty name, and those of objects, only once they were added', () => {
    const table = new NameTable(() => 1, 7);
    const odd = ['', '\0', '__proto__', 'constructor'];
    expect(odd.map((text) => table.find(bytes(text)))).toEqual(odd.map(() => undefined));
    expect(odd.map((text) => bytes(text).equals(table.findOrAdd(bytes(text)).bytes))).not.toContain(false);
    expect(table.size).toBe(4);
  });

  it('tells apart names of one hash, one of which begins with the other', () => {
    const table = new NameTable(() => 1, 0);
    const long = table.findOrAdd(Buffer.alloc(2));
    expect([table.find(Buffer.alloc(1)), table.find(Buffer.alloc(0)), table.find(Buffer.alloc(3))]).toEqual(
      Array(3).fill(undefined),
    );
    expect([table.findOrAdd(Buffer.alloc(1)).hash === long.hash, table.size]).toEqual([true, 2]);
  });

  it('grows, and finds every name it had', () => {
    const { table, names } = tableOf(20_000);
    expect(table.buckets).toBeGreaterThanOrEqual(16_384);
    expect(names.every((name, i) => table.find(bytes(`name ${i}`)) === name)).toBe(true);
  });

  it('forgets what is removed, from any place of a bucket, and nothing else', () => {
    const { table, names } = tableOf(5000);
    for (const name of names.filter((_, i) => i % 3 !== 0)) table.remove(name);
    const left = names.filter((_, i) => table.find(bytes(`name ${i}`)) !== undefined);
    expect(left).toEqual(names.filter((_, i) => i % 3 === 0));
    expect(table.size).toBe(left.length);
  });

  it('removes a name once, though it is asked twice', () => {
    const { table, names } = tableOf(2);
    for (const name of names.slice(0, 1)) {
      table.remove(name);
      table.remove(name);
    }
    expect(table.size).toBe(1);
  });

  it('visits every name once, even one whose neighbours are removed meanwhile', () => {
    const { table, names } = tableOf(3000);
    const seen: Name[] = [];
    table.forEach((name) => {
      seen.push(name);
      table.remove(name);
    });
    expect([new Set(seen).size, seen.length, table.size]).toEqual([names.length, names.length, 0]);
  });

  it('puts names elsewhere by another seed, so that nobody can choose names of one bucket', () => {
    const [first, second] = [new NameTable(() => 1, 1), new NameTable(() => 1, 2)];
    const hashes = (table: NameTable) => Array.from({ length: 100 }, (_, i) => table.findOrAdd(bytes(`${i}`)).hash);
    expect(hashes(first)).toEqual(hashes(new NameTable(() => 1, 1)));
    expect(hashes(first)).not.toEqual(hashes(second));
  });
});

describe('a name', () => {
  it.each(['bob', '', 'a~b', '__proto__', '\0'])('is remembered: %j', (text) => {
    expect(new NameTable(() => 1).findOrAdd(bytes(text)).remembered).toBe(true);
  });

  it.each(['~', '~probe', ' bob', 'bob\t', 'a,b', 'a:b', '\u3000'])('is not remembered: %j', (text) => {
    expect(new NameTable(() => 1).findOrAdd(bytes(text)).remembered).toBe(false);
  });
});
