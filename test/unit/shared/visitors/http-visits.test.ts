/** What connections of HTTP count to: their addresses, apart from sessions. */
import { describe, expect, it } from 'vitest';
import { AddressList } from '../../../../src/shared/visitors/address-list.ts';
import { type HttpVisit, HttpVisits } from '../../../../src/shared/visitors/http-visits.ts';
import type { Rates } from '../../../../src/shared/visitors/rates.ts';
import { PaperTime, ratesOf, settingsOf, visitOf } from './paper-rates.ts';

const HOME = '192.0.2.1';
const TOO_MANY = { by: 'address', why: 'too many', max: 2 };

function visitsOf(rates: Rates, proxies = new AddressList([])) {
  const visits = new HttpVisits(rates, proxies);
  const enter = (address: string): HttpVisit => {
    const entered = visits.enter(address);
    if ('why' in entered) throw new Error(entered.why);
    return entered;
  };
  return { visits, enter };
}

describe('connections of HTTP', () => {
  it('are so many of an address, and those of sessions are as many again', () => {
    const rates = ratesOf({ ADDRESS_CONNECTIONS: '2' });
    const { visits, enter } = visitsOf(rates);
    const [one] = [enter(HOME), enter(HOME)];
    expect(visits.enter(`::ffff:${HOME}`)).toEqual(TOO_MANY);
    enter('192.0.2.2');
    for (let i = 0; i < 2; i++) visitOf(rates, HOME);
    expect(rates.enter(HOME)).toEqual(TOO_MANY);
    one?.leave();
    one?.leave();
    enter(HOME);
    expect(visits.enter(HOME)).toEqual(TOO_MANY);
  });

  it('of IPv6 are those of a /64', () => {
    const { visits, enter } = visitsOf(ratesOf({ ADDRESS_CONNECTIONS: '1' }));
    enter('2001:db8::1');
    expect(visits.enter('2001:db8::2:1')).toMatchObject({ why: 'too many' });
    enter('2001:db8:0:1::1');
  });

  it('are so many a minute, also of one that leaves each time', () => {
    const time = new PaperTime();
    const { visits, enter } = visitsOf(ratesOf({ ADDRESS_CONNECTIONS_A_MINUTE: '6' }, time));
    for (let i = 0; i < 6; i++) enter(HOME).leave();
    expect(visits.enter(HOME)).toEqual({ by: 'address', why: 'too often', seconds: 10 });
    time.pass(10_000);
    enter(HOME).leave();
    expect(visits.enter(HOME)).toMatchObject({ why: 'too often' });
  });

  it('from this machine have no limit, unless a setting says so', () => {
    const free = visitsOf(ratesOf({ ADDRESS_CONNECTIONS: '1' }));
    for (let i = 0; i < 3; i++) free.enter('127.0.0.1');
    const bound = visitsOf(ratesOf({ ADDRESS_CONNECTIONS: '1', RATE_LOOPBACK: 'on' }));
    bound.enter('127.0.0.1');
    expect(bound.visits.enter('127.0.0.1')).toMatchObject({ why: 'too many' });
  });

  it('that nothing limits are not known, whatever limits messages', () => {
    const rates = ratesOf({ ADDRESS_MESSAGES_A_SECOND: '1', ADDRESS_BYTES_A_SECOND: '1024' });
    visitsOf(rates).enter(HOME);
    expect(rates.crowds.http.known).toBe(0);
  });

  it('count by new limits as soon as there are such, also those that were there', () => {
    const rates = ratesOf();
    const { visits, enter } = visitsOf(rates);
    const here = [enter(HOME), enter(HOME), enter(HOME)];
    const change = (env: Record<string, string>) => {
      rates.take(settingsOf(env));
      visits.renew();
    };
    change({ ADDRESS_CONNECTIONS: '2' });
    expect(visits.enter(HOME)).toEqual(TOO_MANY);
    for (const visit of here.slice(1)) visit.leave();
    enter(HOME);
    expect(visits.enter(HOME)).toEqual(TOO_MANY);
    change({});
    expect(rates.crowds.http.known).toBe(0);
    for (let i = 0; i < 5; i++) enter(HOME);
  });

  it('of a trusted proxy have no limit, from the moment on that it is one', () => {
    const proxies = new AddressList([]);
    const { visits, enter } = visitsOf(ratesOf({ ADDRESS_CONNECTIONS: '1' }), proxies);
    const first = enter(HOME);
    expect(visits.enter(HOME)).toMatchObject({ why: 'too many' });
    proxies.take([HOME]);
    visits.renew();
    for (let i = 0; i < 3; i++) enter(HOME);
    proxies.take([]);
    visits.renew();
    first.leave();
    expect(visits.enter(HOME)).toMatchObject({ why: 'too many' });
  });
});
