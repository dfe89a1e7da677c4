/** Names a part at a time, while the table grows and shrinks. */
import { expect, it } from 'vitest';
import { placeBehind, visitFrom } from '../../../../workers/names/name-pages.ts';
import { NameTable } from '../../../../workers/names/name-table.ts';

const bytes = (text: string) => Buffer.from(text);
const tableOf = (from: number, to: number, table = new NameTable(() => 1, 7)) => {
  for (let i = from; i < to; i++) table.findOrAdd(bytes(`name ${i}`));
  return table;
};

/** One part: up to `most` names from a place on. */
function part(table: NameTable, from: number, most: number) {
  const names: string[] = [];
  const visited = visitFrom(table, from, (name) => names.push(`${Buffer.from(name.bytes)}`) < most);
  return { names, ...visited };
}

it('every name that is there all the time is visited once, though the table grows meanwhile', () => {
  const table = tableOf(0, 3_000);
  const seen: string[] = [];
  let added = 3_000;
  for (let from: number | undefined = 0; from !== undefined; ) {
    const found = part(table, from, 100);
    seen.push(...found.names);
    from = found.next;
    tableOf(added, added + 200, table);
    added += 200;
  }
  expect(new Set(seen).size).toBe(seen.length);
  for (let i = 0; i < 3_000; i++) expect(seen).toContain(`name ${i}`);
});

it('a visit goes on behind a name, also if that is not known any more', () => {
  const table = tableOf(0, 500);
  const all = part(table, 0, 1_000).names;
  const first = part(table, 0, 200);
  const last = first.last;
  if (last === undefined) throw new Error('no name was visited');
  table.remove(last);
  const rest = part(table, placeBehind(table, last.bytes), 1_000);
  expect([...first.names, ...rest.names]).toEqual(all);
});

it('a visit ends when it has seen enough, whatever it looks for', () => {
  const table = tableOf(0, 12_000);
  let visits = 0;
  let names = 0;
  for (let from: number | undefined = 0; from !== undefined; visits++) {
    let count = 0;
    const { next } = visitFrom(table, from, () => ++count > 0);
    expect(count).toBeLessThanOrEqual(5_001);
    names += count;
    from = next;
  }
  expect([visits, names]).toEqual([3, 12_000]);
});

it('an empty part of a large table is passed over in steps', () => {
  const table = tableOf(0, 70_000);
  for (let i = 0; i < 70_000; i++) {
    const name = table.find(bytes(`name ${i}`));
    if (name !== undefined) table.remove(name);
  }
  const first = visitFrom(table, 0, () => true);
  expect(first.last).toBeUndefined();
  expect(first.next).toBeGreaterThan(0);
  expect(visitFrom(table, first.next ?? 0, () => true).next).toBeGreaterThan(first.next ?? 0);
});
