/** Version 1 of the PROXY protocol: one line of text. */
import { isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from '../../shared/visitors/address-key.ts';
import type { Header } from './header.ts';

/** The longest line, with its end. */
const MAX_TEXT_BYTES = 107;
const LINE_END = '\r\n';
const FORM = /^PROXY (TCP4|TCP6) ([\da-fA-F:.]+) ([\da-fA-F:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;
/** Behind this word anything may stand, and is not looked at. */
const UNKNOWN = /^PROXY UNKNOWN(?: [^\r\n]*)?$/;
const MAX_PORT = 65_535;

const WRONG: Header = { is: 'wrong', problem: 'its header of version 1 cannot be read' };

/** @param bytes a connection that begins with `PROXY ` */
export function textHeader(bytes: Buffer): Header {
  const text = bytes.toString('latin1', 0, MAX_TEXT_BYTES);
  const end = text.indexOf(LINE_END);
  if (end < 0) return bytes.length < MAX_TEXT_BYTES && !text.includes('\n') ? { is: 'begun' } : WRONG;
  const line = text.slice(0, end);
  const length = end + LINE_END.length;
  if (UNKNOWN.test(line)) return { is: 'whole', source: undefined, length };
  const [, family, from = '', to = '', fromPort, toPort] = FORM.exec(line) ?? [];
  const isOfFamily = family === 'TCP4' ? isIPv4 : isIPv6;
  const address = isOfFamily(from) && isOfFamily(to) ? plainAddress(from) : undefined;
  const port = Number(fromPort);
  if (address === undefined || port > MAX_PORT || Number(toPort) > MAX_PORT) return WRONG;
  return { is: 'whole', source: { address, port }, length };
}
