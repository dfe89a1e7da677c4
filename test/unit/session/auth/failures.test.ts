import { describe, expect, it } from 'vitest';
import { Buckets } from '../../../../src/session/auth/limits/buckets.ts';
import { BY_ACCOUNT, BY_ADDRESS, Failures } from '../../../../src/session/auth/limits/failures.ts';
import { addressKey } from '../../../../src/shared/visitors/address-key.ts';

const attempt = (name: string, address: string) => ({ name: Buffer.from(name), address });

class Clock {
  ms = 1_000;
  readonly now = () => this.ms;
}

describe('addresses count as one', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0001:0002:0:0:0:1', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('%s is %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('buckets', () => {
  it('take so many failures, and empty with time', () => {
    const clock = new Clock();
    const buckets = new Buckets({ units: 3, unitMs: 100 }, 10, clock.now);
    for (let i = 0; i < 2; i++) buckets.fail('a');
    expect(buckets.waitMs('a')).toBe(0);
    buckets.fail('a');
    expect([buckets.waitMs('a'), buckets.waitMs('b')]).toEqual([100, 0]);
    clock.ms += 60;
    expect(buckets.waitMs('a')).toBe(40);
    for (let i = 0; i < 50; i++) buckets.fail('a'); // a full bucket does not become fuller
    expect(buckets.waitMs('a')).toBe(100);
    clock.ms += 100;
    expect(buckets.waitMs('a')).toBe(0);
  });

  it('are bounded: the one that failed longest ago is forgotten', () => {
    const buckets = new Buckets({ units: 1, unitMs: 1_000 }, 100, () => 0);
    for (let i = 0; i < 100; i++) buckets.fail(`k${i}`);
    buckets.fail('k0'); // it is the latest again
    for (let i = 0; i < 99; i++) buckets.fail(`m${i}`);
    expect([buckets.keys, buckets.waitMs('k0') > 0, buckets.waitMs('k1')]).toEqual([100, true, 0]);
  });
});

describe('failed logins', () => {
  it('are limited by address, whatever the name', () => {
    const failures = new Failures(new Clock().now);
    for (let i = 0; i < BY_ADDRESS.units; i++) failures.fail(attempt(`n${i}`, '2001:db8::1'));
    expect(failures.waitMs(attempt('new', '2001:db8::2'))).toBeGreaterThan(0);
    expect(failures.waitMs(attempt('new', '2001:db8:0:1::2'))).toBe(0);
  });

  it('are limited by account, from anywhere', () => {
    const failures = new Failures(new Clock().now);
    for (let i = 0; i < BY_ACCOUNT.units; i++) failures.fail(attempt('bob', `192.0.2.${i}`));
    expect(failures.waitMs(attempt('bob', '198.51.100.1'))).toBeGreaterThan(0);
    expect(failures.waitMs(attempt('eve', '198.51.100.1'))).toBe(0);
  });

  it('keep nobody out where it has logged in, but for failures of its own', () => {
    const clock = new Clock();
    const failures = new Failures(clock.now);
    const bob = attempt('bob', '192.0.2.1');
    failures.succeed(bob);
    for (let i = 0; i < BY_ACCOUNT.units; i++) failures.fail(attempt('bob', `198.51.100.${i}`));
    for (let i = 0; i < BY_ADDRESS.units; i++) failures.fail(attempt('eve', '192.0.2.1'));
    expect(failures.waitMs(bob)).toBe(0);
    for (let i = 0; i < BY_ADDRESS.units; i++) failures.fail(bob);
    expect(failures.waitMs(bob)).toBeGreaterThan(0);
    clock.ms += BY_ADDRESS.unitMs;
    expect(failures.waitMs(bob)).toBe(0);
  });
});
