/** Lists of addresses, as a setting has them. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { AddressList } from '../../../../src/shared/visitors/address-list.ts';

describe('a list of addresses', () => {
  const list = new AddressList(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '2001:db8::7']);

  it.each(['10.255.0.1', '::ffff:10.1.2.3', '::ffff:a01:203', '192.0.2.7', 'fd12::1', '2001:DB8:0::7', 'fd12::1%eth0'])(
    'has %s',
    (address) => expect(list.has(address)).toBe(true),
  );

  it.each(['11.0.0.1', '192.0.2.8', 'fe80::1', '2001:db8::8', '::a01:203', 'nonsense', '', undefined])(
    'has not %s',
    (address) => expect(list.has(address)).toBe(false),
  );

  it('has others once it takes others', () => {
    const changing = new AddressList(['10.0.0.1']);
    changing.take(['0.0.0.0/0']);
    expect([changing.has('192.0.2.7'), changing.has('::1')]).toEqual([true, false]);
  });
});

describe('PROXY_FROM', () => {
  it.each([
    ['none', []],
    ['10.0.0.5, fd00::/8', ['10.0.0.5', 'fd00::/8']],
    ['::ffff:10.0.0.5', ['::ffff:10.0.0.5']],
  ])('may be %s', (PROXY_FROM, list) => expect(readConfig({ PROXY_FROM }).PROXY_FROM).toEqual(list));

  it.each(['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', '::ffff:10.0.0.0/104', 'fe80::1%lo'])(
    'is not %s',
    (PROXY_FROM) => expect(() => readConfig({ PROXY_FROM })).toThrow('but must be addresses or networks'),
  );
});
