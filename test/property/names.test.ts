import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Name } from '../../workers/names/name.ts';
import { NameTable } from '../../workers/names/name-table.ts';
import { paced } from '../helpers/pace/pace.ts';

type Step = readonly [kind: 'add' | 'find' | 'remove', name: number];

const NAMES = 4000;
const bytesOf = (name: number) => Buffer.from(`n${name.toString(36)}`);
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom('add', 'add', 'find', 'remove'), fc.nat(NAMES));
/** Many adds at once, so that the table grows while steps go on. */
const steps = fc.tuple(fc.nat(NAMES), fc.array(step, { maxLength: 300 }));

function same(table: NameTable, model: ReadonlyMap<number, Name>): void {
  expect(table.size).toBe(model.size);
  const visited = new Set<Name>();
  table.forEach((name) => {
    visited.add(name);
  });
  expect([...model.values()].filter((name) => !visited.has(name))).toEqual([]);
  expect(visited.size).toBe(model.size);
}

function apply(table: NameTable, model: Map<number, Name>, [kind, name]: Step): void {
  const known = model.get(name);
  if (kind === 'find') expect(table.find(bytesOf(name))).toBe(known);
  else if (kind === 'add') {
    const added = table.findOrAdd(bytesOf(name));
    if (known !== undefined && added !== known) throw new Error(`a second name ${name}`);
    model.set(name, added);
  } else if (known !== undefined) {
    table.remove(known);
    model.delete(name);
  }
}

describe('a table of names', () => {
  it('is, after any steps, the same as a Map', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), steps, (seed, [first, more]) => {
        const table = new NameTable(() => 1, seed);
        const model = new Map<number, Name>();
        for (let name = 0; name < first; name++) apply(table, model, ['add', name]);
        for (const doing of more) apply(table, model, doing);
        same(table, model);
        const missing = [...model].filter(([name, known]) => table.find(bytesOf(name)) !== known);
        expect(missing).toEqual([]);
      }),
      { numRuns: 200, interruptAfterTimeLimit: paced(3000) },
    );
  });
});
