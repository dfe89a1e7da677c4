/** Addresses that a setting means: single ones, and networks such as `10.0.0.0/8`. */
import { BlockList, isIPv4 } from 'node:net';
import { plainAddress } from './address-key.ts';

const BITS = { ipv4: 32, ipv6: 128 };
const PREFIX = /^\d{1,3}$/;

/** A list of addresses. An address of IPv4 counts as such however it is written. */
export class AddressList {
  #list = new BlockList();

  constructor(entries: readonly string[]) {
    this.take(entries);
  }

  /** Has others from now on. @param entries addresses and networks; what is none is left out */
  take(entries: readonly string[]): void {
    this.#list = new BlockList();
    for (const entry of entries) {
      const parts = partsOf(entry);
      if (parts !== undefined) this.#list.addSubnet(parts.address, parts.bits, parts.family);
    }
  }

  /** @param address as a socket has it */
  has(address: string | undefined): boolean {
    const plain = address === undefined ? undefined : plainAddress(address);
    return plain !== undefined && this.#list.check(plain, familyOf(plain));
  }
}

/** Whether a text is an address, or a network with its bits. */
export function isAddressOrNetwork(text: string): boolean {
  return partsOf(text) !== undefined;
}

interface Parts {
  readonly address: string;
  readonly bits: number;
  readonly family: keyof typeof BITS;
}

function partsOf(entry: string): Parts | undefined {
  const [written = '', prefix, ...more] = entry.split('/');
  const address = plainAddress(written);
  if (address === undefined || more.length > 0 || written.includes('%')) return undefined;
  const family = familyOf(address);
  const bits = prefix === undefined ? BITS[family] : bitsOf(prefix);
  // The bits of an address of IPv4 that is written as IPv6 would be those of neither.
  const isMapped = family === 'ipv4' && written !== address;
  return bits > BITS[family] || (isMapped && prefix !== undefined) ? undefined : { address, bits, family };
}

function bitsOf(prefix: string): number {
  return PREFIX.test(prefix) ? Number(prefix) : Number.POSITIVE_INFINITY;
}

function familyOf(address: string): keyof typeof BITS {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
