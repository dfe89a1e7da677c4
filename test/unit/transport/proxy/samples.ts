/** Headers of the PROXY protocol. */

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** A header of version 2. @param length what it says of its length, if that is not true */
export function binary(command: number, family: number, rest: Buffer, length = rest.length): Buffer {
  const fixed = Buffer.from([command, family, length >> 8, length & 255]);
  return Buffer.concat([SIGNATURE, fixed, rest]);
}

/** The addresses of IPv4: from 192.0.2.7:1234 to 127.0.0.1:8080. */
export const V4 = Buffer.from([192, 0, 2, 7, 127, 0, 0, 1, 0x04, 0xd2, 0x1f, 0x90]);
/** Those of IPv6: from 2001:db8::7, port 1234. */
export const V6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('00000000000000000000000000000001', 'hex'),
  Buffer.from([0x04, 0xd2, 0x1f, 0x90]),
]);
/** A further value. */
export const value = (type: number, bytes: Buffer) =>
  Buffer.concat([Buffer.from([type, bytes.length >> 8, bytes.length & 255]), bytes]);
