/** Which addresses count as one. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

const GROUPS = 8;
/** Who has one address of IPv6 has 2^64: the first half of the groups is the network, of /64. */
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:(?=\d+\.)/i;
const UNKNOWN = 'unknown';

/**
 * An address as it is written in one way only. One of IPv4 that is written as IPv6 is one of IPv4.
 * @returns undefined if it is no address
 */
export function plainAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const withoutZone = address.replace(/%.*$/, '');
  if (!isIPv6(withoutZone)) return undefined;
  return new SocketAddress({ address: withoutZone, family: 'ipv6' }).address.replace(MAPPED, '');
}

/** @returns what stands for an address: an address of IPv4 as it is, one of IPv6 by its network */
export function addressKey(address: string | undefined): string {
  const plain = address === undefined ? undefined : plainAddress(address);
  if (plain === undefined) return address ?? UNKNOWN;
  if (isIPv4(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : GROUPS - before.length - after.length;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}
