/** Messages to some of their names: which are looked at, which are sent, and what the sender is told of the others. */
import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../../src/protocol/notice-line.ts';
import { LineDestinations } from '../../../../src/protocol/plain/line-destinations.ts';
import { HashPlacement } from '../../../../src/router/placement.ts';
import { NamePatterns } from '../../../../src/session/auth/patterns.ts';
import { AllowedNames } from '../../../../src/session/reader/allowed-names.ts';
import { ForbiddenNews, MAX_FORBIDDEN_NAMES } from '../../../../src/session/reader/forbidden-news.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';

/** Patterns that count the names that they are asked about. */
class CountedPatterns extends NamePatterns {
  asked = 0;

  override cover(bytes: Uint8Array, start?: number, end?: number): boolean {
    this.asked++;
    return super.cover(bytes, start, end);
  }
}

function reader() {
  const destinations = new LineDestinations(new HashPlacement(4));
  return (text: string) => {
    const memory = new Memory(new ArrayBuffer(128));
    const end = Buffer.from(memory.buffer).write(text);
    destinations.read({ bytes: memory.bytes, start: 0, end, memory, offset: 0 });
    return destinations.to;
  };
}

describe('the names of a message', () => {
  it('are those that are allowed, each with its shard, and the others are told', () => {
    const read = reader();
    const to = read('bob, eve, team-1, bob: x');
    const names = new AllowedNames();
    const patterns = new NamePatterns(['bob', 'team-*']);
    expect(names.allAllowed(to, patterns)).toBe(false);
    expect(names.take(to, patterns).map((name) => Buffer.from(name).toString())).toEqual(['eve']);
    const texts = Array.from({ length: names.count }, (_, i) =>
      Buffer.from(names.line.bytes.subarray(names.starts[i], names.ends[i])).toString(),
    );
    expect(texts).toEqual(['bob', 'team-1', 'bob']);
    const { shards } = to.names();
    expect([...names.shards.subarray(0, names.count)]).toEqual([shards[0], shards[2], shards[3]]);
  });

  it('of a list that comes again are looked at once, and once more by other patterns', () => {
    const read = reader();
    const names = new AllowedNames();
    const patterns = new CountedPatterns(['a', 'b']);
    for (let i = 0; i < 2; i++) names.allAllowed(read('a, b: x'), patterns); // until the list is cached
    patterns.asked = 0;
    for (let i = 0; i < 10; i++) expect(names.allAllowed(read('a, b: x'), patterns)).toBe(true);
    expect(patterns.asked).toBeLessThanOrEqual(2);
    const others = new CountedPatterns(['a']);
    expect(names.allAllowed(read('a, b: x'), others)).toBe(false);
    expect(others.asked).toBe(2);
  });
});

describe('a sender', () => {
  it('is told of each name at once, and every five seconds how many more messages there were', () => {
    let now = 0;
    const said: Notice[] = [];
    const news = new ForbiddenNews(
      (notice) => said.push(notice),
      () => now,
    );
    const bob = Buffer.from('bob');
    for (let i = 0; i < 4; i++) news.note(bob);
    now = 5_000;
    news.note(bob);
    news.note(bob);
    expect(said.map((notice) => 'more' in notice && notice.more)).toEqual([0, 4]);
  });

  it('has so many names counted', () => {
    let said = 0;
    const news = new ForbiddenNews(
      () => said++,
      () => 0,
    );
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i <= MAX_FORBIDDEN_NAMES; i++) news.note(Buffer.from(`n${i}`));
    }
    expect(said).toBe(2 * (MAX_FORBIDDEN_NAMES + 1));
  });
});
