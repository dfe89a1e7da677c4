/** What one connection counts to: when it must wait, and when another one may come. */
import { describe, expect, it } from 'vitest';
import { LONGEST_WAIT_MS } from '../../../../src/shared/visitors/bucket.ts';
import { MAX_REMEMBERED } from '../../../../src/shared/visitors/crowd.ts';
import { KEPT_TO_MS, TELL_EVERY_MS } from '../../../../src/shared/visitors/visit.ts';
import { PaperTime, ratesOf, settingsOf, visitOf } from './paper-rates.ts';

const HOME = '192.0.2.1';
const SECONDS = 1_000;

describe('connections of an address', () => {
  it('are so many at a time, and others have their own', () => {
    const rates = ratesOf({ ADDRESS_CONNECTIONS: '2' });
    const [one] = [visitOf(rates, HOME), visitOf(rates, `::ffff:${HOME}`)];
    expect(rates.enter(HOME)).toEqual({ by: 'address', why: 'too many', max: 2 });
    visitOf(rates, '192.0.2.2');
    one?.leave();
    visitOf(rates, HOME);
    expect(rates.enter(HOME)).toMatchObject({ why: 'too many' });
  });

  it('of IPv6 are those of a /64', () => {
    const rates = ratesOf({ ADDRESS_CONNECTIONS: '1' });
    visitOf(rates, '2001:db8::1');
    expect(rates.enter('2001:db8::2:1')).toMatchObject({ why: 'too many' });
    visitOf(rates, '2001:db8:0:1::1');
  });

  it('are so many a minute, also of one that leaves each time; one that is refused does not count', () => {
    const time = new PaperTime();
    const rates = ratesOf({ ADDRESS_CONNECTIONS_A_MINUTE: '6' }, time);
    for (let i = 0; i < 6; i++) visitOf(rates, HOME).leave();
    for (let i = 0; i < 3; i++) expect(rates.enter(HOME)).toEqual({ by: 'address', why: 'too often', seconds: 10 });
    time.pass(10 * SECONDS);
    visitOf(rates, HOME).leave();
    expect(rates.enter(HOME)).toMatchObject({ why: 'too often' });
  });

  it('of this machine have no limit, unless a setting says so', () => {
    const limits = { ADDRESS_CONNECTIONS: '1' };
    for (const here of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      const free = ratesOf(limits);
      for (let i = 0; i < 3; i++) visitOf(free, here);
      const bound = ratesOf({ ...limits, RATE_LOOPBACK: 'on' });
      visitOf(bound, here);
      expect(bound.enter(here)).toMatchObject({ why: 'too many' });
    }
  });

  it('that nothing limits are not even known', () => {
    const rates = ratesOf();
    visitOf(rates, HOME);
    expect(rates.crowds.address.known).toBe(0);
  });
});

describe('an address', () => {
  it('is forgotten when it has gone and its buckets are empty', () => {
    const time = new PaperTime();
    const rates = ratesOf({ ADDRESS_CONNECTIONS_A_MINUTE: '60' }, time);
    for (let i = 0; i < 100; i++) visitOf(rates, `192.0.2.${i}`).leave();
    expect(rates.crowds.address.known).toBe(100);
    time.pass(2 * SECONDS);
    visitOf(rates, '198.51.100.1').leave();
    expect(rates.crowds.address.known).toBe(1);
  });

  it(`is forgotten when ${MAX_REMEMBERED} others have left since, and may begin anew then`, () => {
    const rates = ratesOf({ ADDRESS_CONNECTIONS_A_MINUTE: '1' });
    const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    for (let i = 0; i < MAX_REMEMBERED; i++) visitOf(rates, address(i)).leave();
    expect([rates.crowds.address.known, rates.enter(address(0))]).toMatchObject([MAX_REMEMBERED, { why: 'too often' }]);
    visitOf(rates, HOME).leave();
    expect(rates.crowds.address.known).toBe(MAX_REMEMBERED);
    visitOf(rates, address(0));
    expect(rates.enter(address(1))).toMatchObject({ why: 'too often' });
  });
});

describe('an account', () => {
  it('has limits of its own, wherever it comes from', () => {
    const rates = ratesOf({ ACCOUNT_CONNECTIONS: '2', ACCOUNT_CONNECTIONS_A_MINUTE: '3' });
    const visits = ['192.0.2.1', '127.0.0.1', '198.51.100.1'].map((address) => visitOf(rates, address));
    expect(visits.map((visit) => visit.prove('bob'))).toEqual([
      undefined,
      undefined,
      { by: 'account', why: 'too many', max: 2 },
    ]);
    expect(visits[2]?.prove('eve')).toBeUndefined();
    visits[0]?.leave();
    expect(visitOf(rates, HOME).prove('bob')).toBeUndefined();
    visits[1]?.leave();
    expect(visitOf(rates, HOME).prove('bob')).toMatchObject({ by: 'account', why: 'too often' });
  });
});

/** Notes how often a visit lets its session go on. */
function waits(visit: ReturnType<typeof visitOf>): { went: number; isTold: boolean } {
  const seen = { went: 0, isTold: false };
  seen.isTold = visit.waitFor(() => seen.went++);
  return seen;
}

describe('a session', () => {
  const LIMITS = { ADDRESS_MESSAGES_A_SECOND: '10', RATE_BURST_SECONDS: '2' };

  it('may send its burst at once, and then waits as long as the rest takes', () => {
    const time = new PaperTime();
    const visit = visitOf(ratesOf(LIMITS, time), HOME);
    for (let i = 0; i < 20; i++) expect(visit.sent()).toBe(false);
    expect([visit.sent(), visit.waitMs]).toEqual([true, 100]);
    const seen = waits(visit);
    time.pass(99);
    expect(seen).toEqual({ went: 0, isTold: true });
    time.pass(1);
    expect([seen.went, visit.waitMs]).toEqual([1, 0]);
  });

  it('pays for what it has read, and need not pay again for what others read meanwhile', () => {
    const time = new PaperTime();
    const rates = ratesOf({ ADDRESS_BYTES_A_SECOND: '1024', RATE_BURST_SECONDS: '1' }, time);
    const [one, other] = [visitOf(rates, HOME), visitOf(rates, HOME)];
    one.read(3 * 1024);
    expect(one.waitMs).toBe(2 * SECONDS);
    const seen = waits(one);
    other.read(1024);
    expect(other.waitMs).toBe(3 * SECONDS);
    time.pass(2 * SECONDS);
    expect([seen.went, one.waitMs, other.waitMs]).toEqual([1, 0, SECONDS]);
  });

  it('that comes again waits for what it sent before', () => {
    const time = new PaperTime();
    const rates = ratesOf(LIMITS, time);
    const before = visitOf(rates, HOME);
    for (let i = 0; i < 40; i++) before.sent();
    before.leave();
    expect(visitOf(rates, HOME).waitMs).toBe(2 * SECONDS);
    time.pass(2 * SECONDS);
    expect(visitOf(rates, HOME).waitMs).toBe(0);
  });

  it('waits an hour at most, whatever it has sent', () => {
    const rates = ratesOf({ ADDRESS_BYTES_A_SECOND: '1024', RATE_BURST_SECONDS: '1' });
    const visit = visitOf(rates, HOME);
    visit.read(1024 ** 3);
    expect(visit.waitMs).toBe(LONGEST_WAIT_MS);
  });

  it('is told and counted once a minute, by the rate that it waits for longest', () => {
    const time = new PaperTime();
    const rates = ratesOf({ ...LIMITS, ACCOUNT_BYTES_A_SECOND: '1024', RATE_BURST_SECONDS: '1' }, time);
    const visit = visitOf(rates, HOME);
    visit.prove('bob');
    visit.read(64 * 1024);
    const told = [waits(visit).isTold];
    for (let i = 0; i < 30; i++) visit.sent();
    told.push(waits(visit).isTold);
    time.pass(TELL_EVERY_MS);
    for (let i = 0; i < 100; i++) visit.sent();
    told.push(waits(visit).isTold);
    expect(told).toEqual([true, false, true]);
    expect([...rates.slowed]).toEqual([
      ['account_bytes', 1],
      ['address_messages', 1],
    ]);
  });

  it('that hurries counts, and does not wait', () => {
    const rates = ratesOf(LIMITS);
    const visit = visitOf(rates, HOME);
    visit.hurry();
    for (let i = 0; i < 40; i++) expect(visit.sent()).toBe(false);
    expect(visitOf(rates, HOME).waitMs).toBe(2 * SECONDS);
  });

  describe('that is slowed all the time', () => {
    /** Sends one message too much whenever it may go on. */
    function flooder(patience: string) {
      const time = new PaperTime();
      const rates = ratesOf({ ...LIMITS, RATE_PATIENCE_SECONDS: patience }, time);
      const visit = visitOf(rates, HOME);
      const ends: [seconds: number, afterMs: number][] = [];
      const start = time.ms;
      const slowedForLong = (seconds: number) => ends.push([seconds, time.ms - start]);
      visit.pace({ keepPace: () => undefined }, { slowedForLong });
      for (let i = 0; i < 20; i++) visit.sent();
      const floods = () => {
        if (visit.sent()) visit.waitFor(floods);
      };
      return { time, rates, visit, ends, floods };
    }

    it('ends after as long as the rates have patience, once', () => {
      const { time, ends, floods } = flooder('60');
      floods();
      time.pass(59.9 * SECONDS);
      expect(ends).toEqual([]);
      time.pass(LONGEST_WAIT_MS);
      expect([ends, time.waiting]).toEqual([[[60, 60 * SECONDS]], 0]);
    });

    it('ends in the middle of one long wait', () => {
      const { time, visit, ends } = flooder('60');
      for (let i = 0; i < 20_000; i++) visit.sent();
      let went = 0;
      visit.waitFor(() => went++);
      time.pass(LONGEST_WAIT_MS);
      expect([ends, went]).toEqual([[[60, 60 * SECONDS]], 0]);
    });

    it('is no less slowed because a reload ends one of its waits', () => {
      const { time, visit, ends } = flooder('60');
      for (let i = 0; i < 4; i++) {
        for (let sent = 0; sent < 20_000; sent++) visit.sent();
        visit.waitFor(() => undefined);
        time.pass(20 * SECONDS);
        visit.forget();
      }
      expect(ends).toEqual([[60, 60 * SECONDS]]);
    });

    it('does not end if they have no end of patience', () => {
      const { time, ends, floods } = flooder('unlimited');
      floods();
      time.pass(2 * LONGEST_WAIT_MS);
      expect(ends).toEqual([]);
    });

    it('begins anew once it has kept to its rate for a moment', () => {
      const { time, visit, ends } = flooder('60');
      const tooMuch = () => {
        for (let i = 0; i < 200 && !visit.sent(); i++);
        visit.waitFor(() => undefined);
      };
      for (let i = 0; i < 100; i++) {
        tooMuch();
        time.pass(100 + KEPT_TO_MS);
      }
      expect(ends).toEqual([]);
      for (let i = 0; i < 70; i++) {
        tooMuch();
        time.pass(KEPT_TO_MS);
      }
      expect(ends).toHaveLength(1);
    });

    it('follows a new patience', () => {
      const { time, rates, ends, floods } = flooder('3600');
      floods();
      time.pass(10 * SECONDS);
      rates.take(settingsOf({ ...LIMITS, RATE_PATIENCE_SECONDS: '5' }));
      time.pass(SECONDS);
      expect(ends).toHaveLength(1);
    });
  });

  it('that has gone is not called any more', () => {
    const time = new PaperTime();
    const visit = visitOf(ratesOf(LIMITS, time), HOME);
    for (let i = 0; i < 40; i++) visit.sent();
    const seen = waits(visit);
    visit.leave();
    time.pass(LONGEST_WAIT_MS);
    expect([seen.went, time.waiting]).toEqual([0, 0]);
  });

  it('is asked only while it can have to wait, and follows when the limits change', () => {
    const rates = ratesOf();
    const visit = visitOf(rates, HOME);
    const paces: boolean[] = [];
    visit.pace({ keepPace: (pace) => paces.push(pace !== undefined) }, { slowedForLong: () => undefined });
    rates.take(settingsOf({ ...LIMITS, ADDRESS_CONNECTIONS: '1' }));
    visit.renew();
    expect(rates.enter(HOME)).toMatchObject({ why: 'too many' });
    rates.take(settingsOf({}));
    visit.renew();
    expect([paces, rates.crowds.address.known]).toEqual([[false, true, false], 0]);
  });
});
