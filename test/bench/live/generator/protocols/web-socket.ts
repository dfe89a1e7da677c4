/**
 * A stream of bytes over WebSocket (RFC 6455): what is written goes in one frame a write, and what comes is taken out
 * of its frames. How the other end divides the stream into frames does not matter.
 */
const FIN = 0x80;
const MASKED = 0x80;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const FIRST_CONTROL = 8;
const MASK_BYTES = 4;
const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 16 * 1024;

/** How a protocol stands in frames. */
export interface WebSocketUse {
  readonly path: string;
  readonly protocol?: string;
  readonly opcode: 1 | 2;
}

/** The request that begins a connection. */
export function upgradeTo({ path, protocol }: WebSocketUse): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return lines.join('\r\n') + HEAD_END;
}

/** A frame of a client. Its mask is 0, so that the generator has nothing to mask. The server cannot know that. */
export function inFrame(bytes: Buffer, { opcode }: WebSocketUse): Buffer {
  const { length } = bytes;
  const lengthBytes = length < TWO_BYTES ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + MASK_BYTES;
  const frame = Buffer.alloc(start + length);
  frame[0] = FIN | opcode;
  frame[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? TWO_BYTES : EIGHT_BYTES);
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(bytes, start);
  return frame;
}

/** Takes the stream out of its frames. */
export class FrameStream {
  readonly #onBytes: (bytes: Buffer, length: number) => void;
  readonly #onOpen: () => void;
  /** The answer in HTTP, until it has ended. */
  #answer: Buffer | undefined = Buffer.alloc(0);
  /** The beginning of a frame, until its length is known. */
  readonly #begin = Buffer.alloc(10);
  #begun = 0;
  /** Bytes of the frame that have not come. */
  #left = 0;

  /**
   * @param onOpen is called when the other end has agreed
   * @param onBytes gets what was in the frames
   */
  constructor(onOpen: () => void, onBytes: (bytes: Buffer, length: number) => void) {
    this.#onOpen = onOpen;
    this.#onBytes = onBytes;
  }

  /** Takes what was read. It is written over with what was in the frames. @throws Error if it is no WebSocket */
  feed(bytes: Buffer, length: number): void {
    if (this.#answer !== undefined) {
      this.#agree(bytes, length);
      return;
    }
    let taken = 0;
    for (let at = 0; at < length; ) {
      if (this.#left === 0) {
        this.#begin[this.#begun++] = bytes[at++] as number;
        if (this.#begun >= 2 && this.#begun === this.#beginBytes) this.#left = this.#start();
        continue;
      }
      const some = Math.min(this.#left, length - at);
      if (((this.#begin[0] as number) & 15) < FIRST_CONTROL) {
        bytes.copyWithin(taken, at, at + some);
        taken += some;
      }
      at += some;
      this.#left -= some;
    }
    if (taken > 0) this.#onBytes(bytes, taken);
  }

  get #beginBytes(): number {
    const short = this.#begin[1] as number;
    return short === EIGHT_BYTES ? 10 : short === TWO_BYTES ? 4 : 2;
  }

  /** A frame begins. @returns how long it is */
  #start(): number {
    const bytes = this.#begun;
    this.#begun = 0;
    if (bytes === 2) return this.#begin[1] as number;
    return bytes === 4 ? this.#begin.readUInt16BE(2) : Number(this.#begin.readBigUInt64BE(2));
  }

  #agree(bytes: Buffer, length: number): void {
    const heard = Buffer.concat([this.#answer ?? bytes, bytes.subarray(0, length)]);
    const end = heard.indexOf(HEAD_END);
    this.#answer = heard;
    if (end < 0 && heard.length < MAX_HEAD_BYTES) return;
    if (!heard.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error('the server speaks no WebSocket');
    this.#answer = undefined;
    this.#onOpen();
    const behind = Buffer.from(heard.subarray(end + HEAD_END.length));
    if (behind.length > 0) this.feed(behind, behind.length);
  }
}
