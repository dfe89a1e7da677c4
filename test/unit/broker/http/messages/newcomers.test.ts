/** Sessions of HTTP that do not have their name yet take no place of those that have. */
import { describe, expect, it } from 'vitest';
import { MAX_READERS } from '../../../../../src/http/messages/http-programs.ts';
import { MAX_NEWCOMERS, Newcomers } from '../../../../../src/http/messages/newcomers.ts';
import { CLIENT, paperPrograms } from './paper-session.ts';

const soon = () => AbortSignal.timeout(2_000);
const WELCOME = { type: 'welcome', waiting: 0 };

describe('sessions that have not proved their name', () => {
  it('keep nobody from reading, and end no session that is kept', async () => {
    const { programs, sessions, last } = paperPrograms(undefined, false);
    const bob = programs.read('bob', CLIENT);
    last().tell(WELCOME);
    bob.keep();
    bob[Symbol.dispose]();
    const strangers = Array.from({ length: MAX_READERS + 1 }, (_, index) => programs.read(`x${index}`, CLIENT));
    using alice = programs.read('alice', CLIENT);
    last().tell(WELCOME);
    expect(await alice.program.hasName(soon())).toBe(true);
    expect(strangers.map(({ program }) => program.standing)).not.toContain('welcome');
    expect(sessions[0]?.ended).toBe(false);
    expect(await programs.acknowledge('bob', 0, CLIENT)).toBe(0);
  });

  it('end one another where there are too many, also those that send', async () => {
    const { programs } = paperPrograms(undefined, false);
    const strangers = Array.from({ length: MAX_NEWCOMERS }, (_, index) =>
      index % 2 === 0 ? programs.send(undefined, CLIENT) : programs.read(`x${index}`, CLIENT),
    );
    const ends = strangers.map(({ program }) => program.hasName(soon()));
    const elsewhere = { ...CLIENT, peer: { ...CLIENT.peer, address: '192.0.2.1' } };
    using alice = programs.read('alice', elsewhere);
    await expect(ends[0]).rejects.toThrow('TOO_MANY');
    expect(strangers.filter(({ program }) => program.whyEnded !== undefined)).toHaveLength(1);
    expect(alice.program.whyEnded).toBeUndefined();
    strangers[0]?.[Symbol.dispose]();
    using _ = programs.send(undefined, elsewhere);
    await expect(ends[1]).rejects.toThrow('TOO_MANY');
  });
});

it('the oldest from the address with the most ends, and what has left counts no more', () => {
  const newcomers = new Newcomers<number>();
  const add = (session: number, address: string) => newcomers.add(session, address);
  expect(add(0, '192.0.2.1')).toBeUndefined();
  for (let each = 1; each < MAX_NEWCOMERS; each++) expect(add(each, '192.0.2.2')).toBeUndefined();
  expect(add(MAX_NEWCOMERS, '192.0.2.3')).toBe(1);
  expect([newcomers.delete(1), newcomers.delete(1)]).toEqual([true, false]);
  newcomers.delete(2);
  expect(add(MAX_NEWCOMERS + 1, '192.0.2.3')).toBeUndefined();
});
