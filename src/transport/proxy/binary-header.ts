/** Version 2 of the PROXY protocol: binary, with a length. */
import { plainAddress } from '../../shared/visitors/address-key.ts';
import type { Header, Source } from './header.ts';

export const SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
/** The longest header. Its length may say 64 KiB, and no proxy needs this much for what it tells of a connection. */
export const MAX_BINARY_BYTES = 4_096;
/** The signature, the command, the family, and the length of the rest. */
const FIXED_BYTES = 16;
const LOCAL = 0x20;
const PROXY = 0x21;
/** A type and a length stand before each further value. */
const VALUE_HEAD_BYTES = 3;

/** How long the two addresses of a family are with their ports, and how the first is read. */
interface Family {
  readonly bytes: number;
  readonly source: (addresses: Buffer) => Source | undefined;
}

const FAMILIES: Readonly<Record<number, Family>> = {
  /** Unspecified: the proxy does not say. */
  0: { bytes: 0, source: () => undefined },
  /** TCP over IPv4, and over IPv6. */
  17: { bytes: 12, source: (from) => ({ address: from.subarray(0, 4).join('.'), port: from.readUInt16BE(8) }) },
  33: { bytes: 36, source: (from) => ({ address: addressOf(from), port: from.readUInt16BE(32) }) },
  /** A socket of the proxy's own machine, which has no address. */
  49: { bytes: 216, source: () => undefined },
};

const wrong = (problem: string): Header => ({ is: 'wrong', problem });

/** @param bytes a connection that begins with SIGNATURE */
export function binaryHeader(bytes: Buffer): Header {
  if (bytes.length < FIXED_BYTES) return { is: 'begun' };
  const command = bytes[12];
  if (command !== LOCAL && command !== PROXY) return wrong('its header has a command that is not known');
  const length = FIXED_BYTES + bytes.readUInt16BE(14);
  if (length > MAX_BINARY_BYTES) return wrong(`its header is longer than ${MAX_BINARY_BYTES} bytes`);
  // What the proxy itself wants, such as to look whether the port is open, has nothing to be read.
  const family = command === LOCAL ? FAMILIES[0x00] : FAMILIES[bytes[13] as number];
  if (family === undefined) return wrong('its header is of a connection that is none of TCP');
  if (length < FIXED_BYTES + family.bytes) return wrong('its header is too short for its addresses');
  if (bytes.length < length) return { is: 'begun' };
  const rest = bytes.subarray(FIXED_BYTES, length);
  if (command === PROXY && !hasValues(rest.subarray(family.bytes))) return wrong('its header has values that are cut');
  return { is: 'whole', source: family.source(rest), length };
}

/** Whether further values fill the bytes exactly. They are not read. */
function hasValues(bytes: Buffer): boolean {
  let at = 0;
  while (at + VALUE_HEAD_BYTES <= bytes.length) at += VALUE_HEAD_BYTES + bytes.readUInt16BE(at + 1);
  return at === bytes.length;
}

function addressOf(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
  return plainAddress(groups) ?? groups;
}
