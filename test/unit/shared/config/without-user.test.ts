/** Text that is shown has no user and no password of an address in it. */
import { describe, expect, it } from 'vitest';
import { withoutUser } from '../../../../src/shared/common/text.ts';

describe('an address in a text', () => {
  it.each([
    ['https://bob:secret@host/path', 'https://…@host/path'],
    ['bob:secret@host', '…@host'],
    ['//bob:secret@host', '//…@host'],
    ['"https://bob:secret@host"', '"https://…@host"'],
    ['https://one:secret@a, https://two:sec@ret@b:1', 'https://…@a, https://…@b:1'],
    ['it is at https://bob:secret@host', 'it is at https://…@host'],
    ['https://host/a', 'https://host/a'],
    ['alice, bob@home', 'alice, bob@home'],
    ['', ''],
  ])('is shown without its user: %s', (text, shown) => {
    expect(withoutUser(text)).toBe(shown);
  });

  it.each(['/', 'a', 'a:', 'a://', '@', '/@'])('costs what its length costs: many of %j', (part) => {
    const since = process.cpuUsage();
    withoutUser(part.repeat(1_000_000));
    // With time in proportion to the square, it would be an hour.
    expect(process.cpuUsage(since).user / 1e6).toBeLessThan(2);
  });
});
