/** Whose place one has that comes when all are taken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crowding } from '../../../../src/shared/visitors/fair-place.ts';

/** Guests by their addresses, such as `aab`. Each is its number. */
const crowdingOf = (addresses: string) => new Crowding([...addresses].map((from, guest) => [guest, from] as const));

describe('one that comes when all places are taken', () => {
  it.each([
    ['aaaa', 'b', [0, 1, 2, 3]],
    ['baaa', 'b', [1, 2, 3]],
    ['bbaaa', 'b', []],
    ['aaaa', 'a', []],
    ['abcd', 'e', []],
    ['aabb', 'c', [0, 1]],
    ['abba', 'c', [1, 2]],
    ['', 'a', []],
  ])('among %s and from %s may have the place of %j', (guests, from, expected) => {
    expect(crowdingOf(guests).mayLeaveFor(from)).toEqual(expected);
  });
});

it('places change hands only to an address that has fewer, also afterwards', () => {
  const addresses = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(addresses, fc.integer({ min: 1, max: 12 }), (arrivals, max) => {
      const guests: string[] = [];
      const countOf = (from: string) => guests.filter((each) => each === from).length;
      for (const from of arrivals) {
        const crowding = new Crowding(guests.map((each, at) => [at, each] as const));
        if (guests.length < max) {
          guests.push(from);
          continue;
        }
        const [leaves] = crowding.mayLeaveFor(from);
        if (leaves === undefined) {
          expect(countOf(from), 'its fair share').toBeGreaterThanOrEqual(Math.max(...guests.map(countOf)) - 1);
          continue;
        }
        const [other = ''] = guests.splice(leaves, 1, from);
        expect(countOf(other)).toBeGreaterThanOrEqual(countOf(from));
      }
    }),
  );
});
