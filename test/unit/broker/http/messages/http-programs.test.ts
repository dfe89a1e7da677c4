/** The sessions of clients of HTTP by name: who uses them, how long they are kept, and how many there are. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MAX_READERS } from '../../../../../src/http/messages/http-programs.ts';
import { until } from '../../../../helpers/until.ts';
import { CLIENT, message, paperPrograms } from './paper-session.ts';

const NEVER = new AbortController().signal;

describe('a session that sends', () => {
  it('is shared by the requests of its name, and ends with the last', async () => {
    const { programs, sessions, last } = paperPrograms();
    const [one, two] = [programs.send('alice', CLIENT), programs.send('alice', CLIENT)];
    const nameless = programs.send(undefined, CLIENT);
    expect([sessions.length, programs.counts]).toEqual([2, { mail: 0, send: 2 }]);
    nameless[Symbol.dispose]();
    await until(() => last().ended, 'the end of the nameless one');
    one[Symbol.dispose]();
    expect(programs.counts).toEqual({ mail: 0, send: 1 });
    two[Symbol.dispose]();
    await until(() => sessions[0]?.ended === true, 'the end');
    expect(programs.counts).toEqual({ mail: 0, send: 0 });
    expect(sessions[0]?.said[0]).toEqual({ type: 'hello', v: 1, name: 'alice', ack: true, window: 1 });
  });

  it('gives each request its own answer, and an end to all', async () => {
    const { programs, last } = paperPrograms();
    using use = programs.send('alice', CLIENT);
    const send = (id: string, signal = NEVER) => use.program.send(id, JSON.stringify({ type: 'send', id }), signal);
    const accepted = { type: 'accepted', id: 'm', to: { bob: 'taken' }, duplicate: false };
    const [first, second, wrong, lost] = [send('m'), send('m'), send('w'), send('l')];
    const ends = Promise.allSettled([wrong, lost]);
    await until(() => last().said.length === 5, 'all to be sent');
    last().tell(accepted, { ...accepted, duplicate: true }, { type: 'notice' }, { type: 'ping' });
    last().tell({ type: 'error', id: 'w', code: 'BAD_REQUEST', message: 'no' });
    expect([await first, await second]).toMatchObject([{ duplicate: false }, { duplicate: true }]);
    await until(() => last().said.some(({ type }) => type === 'pong'), 'a pong');
    last().tell({ type: 'bye', code: 'STOPPING', message: 'the broker is stopping' });
    last().end();
    expect(await ends).toMatchObject([
      { reason: { message: 'REQUEST_REFUSED' } },
      { reason: { message: 'OUTCOME_UNKNOWN' } },
    ]);
    await expect(send('late')).rejects.toThrow('NOT_SERVED');
  });

  it('says after a time that it does not know, or that the broker takes no more', async () => {
    const { programs, last } = paperPrograms();
    using use = programs.send('alice', CLIENT);
    await use.program.until(() => use.program.standing === 'welcome', NEVER);
    await expect(use.program.send('a', '{}', AbortSignal.timeout(1))).rejects.toThrow('OUTCOME_UNKNOWN');
    last().pause();
    await expect(use.program.send('a', '{}', AbortSignal.timeout(1))).rejects.toThrow('SEND_PAUSED');
  });
});

it('a message that is answered is not kept until the time of its request is over', async () => {
  const { programs, last } = paperPrograms();
  using use = programs.send('alice', CLIENT);
  const { signal } = new AbortController();
  const sent = use.program.send('m', JSON.stringify({ type: 'send', id: 'm' }), signal);
  const wrong = use.program.send('w', JSON.stringify({ type: 'send', id: 'w' }), signal).catch(() => undefined);
  expect(getEventListeners(signal, 'abort')).toHaveLength(2);
  await until(() => last().said.length === 3, 'both to be sent');
  last().tell({ type: 'accepted', id: 'm', to: { bob: 'taken' }, duplicate: false });
  last().tell({ type: 'error', id: 'w', code: 'BAD_REQUEST', message: 'no' });
  await Promise.all([sent, wrong]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('a session whose mail was read', () => {
  it('is kept for its lease, which each acknowledgement renews, and ends then', async () => {
    const { programs, last } = paperPrograms(60);
    const use = programs.read('bob', CLIENT);
    expect(() => programs.read('bob', CLIENT)).toThrow('MAIL_IN_USE');
    await use.program.until(() => use.program.standing === 'welcome', NEVER);
    last().tell(message(1, 'a'), message(2, 'b'), message(3, 'c'));
    use.program.inbox.rewind();
    expect([use.program.inbox.next()?.seq, use.program.inbox.next()?.seq]).toEqual([1, 2]);
    use.keep();
    use[Symbol.dispose]();
    await expect(programs.acknowledge('bob', 3, CLIENT)).rejects.toThrow('SEQ_NOT_GIVEN');
    expect(await programs.acknowledge('bob', 1, CLIENT)).toBe(1);
    expect(programs.counts).toEqual({ mail: 1, send: 0 });
    await until(() => last().ended, 'the end of the lease');
    expect(last().said.slice(1)).toEqual([{ type: 'ack', seq: 1 }]);
    await expect(programs.acknowledge('bob', 2, CLIENT)).rejects.toThrow('NO_READER');
    expect(programs.counts).toEqual({ mail: 0, send: 0 });
  });

  it('ends at once where it was not kept, as a stream is not', async () => {
    const { programs, last } = paperPrograms();
    programs.read('bob', CLIENT)[Symbol.dispose]();
    await until(() => last().ended, 'the end');
  });

  it('ends early for a new one where there are as many as may be, and none that is in use does', async () => {
    const { programs, sessions } = paperPrograms();
    const uses = Array.from({ length: MAX_READERS }, (_, index) => programs.read(`bob-${index}`, CLIENT));
    await Promise.all(uses.map(({ program }) => program.hasName(AbortSignal.timeout(1_000))));
    const refused = programs.read('carol', CLIENT);
    await expect(refused.program.hasName(NEVER)).rejects.toThrow('TOO_MANY');
    refused[Symbol.dispose]();
    expect(sessions.filter(({ ended }) => ended).length, 'none of those in use').toBe(0);
    for (const use of uses.slice(3, 5)) {
      use.keep();
      use[Symbol.dispose]();
    }
    await programs.acknowledge('bob-3', 0, CLIENT);
    using carol = programs.read('carol', CLIENT);
    expect(await carol.program.hasName(NEVER)).toBe(true);
    await until(() => sessions[4]?.ended === true, 'the one that was idle longest to end');
    expect(sessions.filter(({ ended }) => ended).length).toBe(1);
    expect(programs.counts.mail).toBe(MAX_READERS);
  });

  it('is another one when the broker has ended the first', async () => {
    const { programs, sessions } = paperPrograms();
    const use = programs.read('bob', CLIENT);
    sessions[0]?.end();
    await use.program.until(() => false, NEVER);
    use[Symbol.dispose]();
    using _ = programs.read('bob', CLIENT);
    expect(sessions.length).toBe(2);
  });
});

describe('where as many names are read as may be', () => {
  const from = (address: string) => ({ ...CLIENT, peer: { ...CLIENT.peer, address } });
  const [ALICE, EVE, MANY] = [from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.3')];

  /** Names of one address that are read, and of which the first are only kept. */
  async function reads(
    { programs }: ReturnType<typeof paperPrograms>,
    caller: typeof CLIENT,
    count: number,
    { kept = 0, as = caller.peer.address } = {},
  ) {
    const uses = Array.from({ length: count }, (_, index) => programs.read(`${as}-${index}`, caller));
    await Promise.all(uses.map(({ program }) => program.hasName(AbortSignal.timeout(1_000))));
    for (const use of uses.slice(0, kept)) {
      use.keep();
      use[Symbol.dispose]();
    }
    return uses;
  }

  /** One more gets its name. @returns what becomes of it, and which sessions end by it */
  async function comes({ programs, sessions }: ReturnType<typeof paperPrograms>, caller: typeof CLIENT) {
    const isOver = () => sessions.flatMap(({ said, ended }) => (ended ? [String(said[0]?.name)] : []));
    const use = programs.read('one-more', caller);
    const got = await use.program.hasName(AbortSignal.timeout(1_000)).catch((error: Error) => error.message);
    await until(() => got === true || use.program.whyEnded !== undefined, 'an end');
    if (got === true) await until(() => isOver().length === 1, 'one to end for it');
    use[Symbol.dispose]();
    return [got, ...isOver().filter((name) => name !== 'one-more')];
  }

  it('the oldest of the address with the most ends for one of another, and is told as a new one would be', async () => {
    const paper = paperPrograms();
    await reads(paper, ALICE, 1, { kept: 1 });
    const [oldest] = await reads(paper, MANY, MAX_READERS - 1);
    const use = paper.programs.read('eve', EVE);
    expect(await use.program.hasName(AbortSignal.timeout(1_000))).toBe(true);
    expect(oldest?.program.whyEnded?.message).toBe('TOO_MANY');
    expect(await paper.programs.acknowledge('192.0.2.1-0', 0, ALICE)).toBe(0);
    const again = paper.programs.read('again', MANY);
    await expect(again.program.hasName(NEVER)).rejects.toThrow('TOO_MANY');
  });

  it('one of that address that is only kept ends first', async () => {
    const paper = paperPrograms();
    await reads(paper, ALICE, 2, { kept: 2 });
    await reads(paper, MANY, MAX_READERS - 3);
    await reads(paper, MANY, 1, { kept: 1, as: 'kept' });
    expect(await comes(paper, EVE)).toEqual([true, 'kept-0']);
  });

  it('none of an address with fewer ends, not even one that is only kept', async () => {
    const paper = paperPrograms();
    await reads(paper, ALICE, 1, { kept: 1 });
    await reads(paper, MANY, MAX_READERS - 1);
    expect(await comes(paper, MANY)).toEqual(['TOO_MANY']);
  });

  it('one ends that is only kept, of an address with no fewer', async () => {
    const paper = paperPrograms();
    for (let i = 1; i < MAX_READERS; i++) await reads(paper, from(`198.51.100.${i}`), 1);
    await reads(paper, ALICE, 1, { kept: 1 });
    expect(await comes(paper, EVE)).toEqual([true, '192.0.2.1-0']);
  });

  it('the new one ends where each address has one that is in use', async () => {
    const paper = paperPrograms();
    for (let i = 1; i <= MAX_READERS; i++) await reads(paper, from(`198.51.100.${i}`), 1);
    expect(await comes(paper, EVE)).toEqual(['TOO_MANY']);
  });
});
