/** WebSocket frames by hand: what a client sends, in any pieces, and what has been sent. */

const FIN = 0x80;
const MASKED = 0x80;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const HEAD_END = '\r\n\r\n';

export const OPCODES = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame of a client, masked. @param isLast whether the message ends with it */
export function clientFrame(payload: Uint8Array | string, opcode: number = OPCODES.text, isLast = true): Buffer {
  const bytes = Buffer.from(payload);
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  const { length } = bytes;
  const head = length < TWO_BYTES ? [length] : length < 65_536 ? [TWO_BYTES, length >> 8, length & 255] : [EIGHT_BYTES];
  const long = Buffer.alloc(head[0] === EIGHT_BYTES ? 8 : 0);
  if (long.length > 0) long.writeBigUInt64BE(BigInt(length));
  head[0] = (head[0] ?? 0) | MASKED;
  const masked = bytes.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
  return Buffer.concat([Buffer.from([isLast ? FIN | opcode : opcode, ...head]), long, mask, masked]);
}

/** The request that begins a WebSocket. */
export function upgradeRequest(headers: Readonly<Record<string, string | undefined>> = {}, path = '/v1/ws'): string {
  const all = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** A frame that was read. */
export interface ReadFrame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
}

/** Reads the frames of one direction of a connection, masked or not, behind the head of its HTTP. */
export class FrameReader {
  /** The head of HTTP, once it has come. */
  head: string | undefined;
  #rest: Buffer = Buffer.alloc(0);

  read(chunk: Buffer): ReadFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.head === undefined && !this.#readHead()) return [];
    const frames: ReadFrame[] = [];
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) frames.push(frame);
    return frames;
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(HEAD_END);
    if (end < 0) return false;
    this.head = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + HEAD_END.length);
    return true;
  }

  #frame(): ReadFrame | undefined {
    const rest = this.#rest;
    if (rest.length < 2) return undefined;
    const short = (rest[1] ?? 0) & ~MASKED;
    const lengthBytes = short === EIGHT_BYTES ? 8 : short === TWO_BYTES ? 2 : 0;
    const maskBytes = ((rest[1] ?? 0) & MASKED) === 0 ? 0 : 4;
    const start = 2 + lengthBytes + maskBytes;
    if (rest.length < start) return undefined;
    const length = lengthBytes === 0 ? short : rest.readUIntBE(lengthBytes === 8 ? 4 : 2, lengthBytes === 8 ? 6 : 2);
    if (rest.length < start + length) return undefined;
    const mask = rest.subarray(start - maskBytes, start);
    const payload = rest.subarray(start, start + length).map((byte, at) => byte ^ (mask[at & 3] ?? 0));
    this.#rest = rest.subarray(start + length);
    const first = rest[0] ?? 0;
    return { opcode: first & 15, isLast: first >= FIN, payload: Buffer.from(payload) };
  }
}
