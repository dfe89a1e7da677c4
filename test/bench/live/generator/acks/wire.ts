/** One connection of a peer that acknowledges: what it reads, cut into frames by others, and what it writes. */
import type { Socket } from 'node:net';
import { dial, type OnEnd, READ_BUFFER_BYTES, READY_LIMIT_MS } from '../connection.ts';

/** A frame that is not whole is carried to the next read. */
const MAX_CARRIED_BYTES = 256 * 1024;
const FIRST_OUT_BYTES = 8 * 1024;
const SHOWN_CHARACTERS = 300;
/** A carried piece and what comes behind it are joined here, by all connections: it is worked off at once. */
const joined = Buffer.allocUnsafeSlow(MAX_CARRIED_BYTES + READ_BUFFER_BYTES);

/** Says something, and waits for the answer. */
export interface Step {
  readonly say: string | Buffer;
  readonly until: RegExp;
}

/** Takes the whole frames from `at` to `end`. @returns where the first one begins that is not whole */
export type Hear = (bytes: Buffer, at: number, end: number) => number;

export class Wire {
  hear: Hear = (_bytes, _at, end) => end;
  #socket: Socket | undefined;
  #carry = Buffer.alloc(0);
  #carried = 0;
  #out = Buffer.allocUnsafeSlow(FIRST_OUT_BYTES);
  #outBytes = 0;

  /**
   * Connects, and takes the steps.
   * @throws if a step is not answered in time
   */
  static async open(port: number, steps: readonly Step[], onEnd: OnEnd): Promise<Wire> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    const wire = new Wire();
    wire.#socket = await dial(port, (bytes, length) => wire.#feed(bytes, length), onEnd, limit);
    for (const step of steps) await wire.#take(step, limit);
    return wire;
  }

  /** What is written next; room for it is what `take` gives. */
  get out(): Buffer {
    return this.#out;
  }

  /** Room for so many more bytes. @returns where in `out` it begins */
  take(count: number): number {
    const at = this.#outBytes;
    this.#outBytes += count;
    if (this.#outBytes > this.#out.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#outBytes);
      this.#out.copy(larger, 0, 0, at);
      this.#out = larger;
    }
    return at;
  }

  put(piece: Buffer): void {
    const at = this.take(piece.length);
    this.#out.set(piece, at);
  }

  flush(): void {
    if (this.#outBytes === 0 || this.#socket === undefined) return;
    this.#socket.write(this.#out.subarray(0, this.#outBytes));
    // What the system has not taken must stay as it is.
    if (this.#socket.writableLength > 0) this.#out = Buffer.allocUnsafeSlow(this.#out.length);
    this.#outBytes = 0;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #feed(bytes: Buffer, length: number): void {
    if (this.#carried === 0) {
      this.#carryOn(bytes, this.hear(bytes, 0, length), length);
      return;
    }
    this.#carry.copy(joined, 0, 0, this.#carried);
    bytes.copy(joined, this.#carried, 0, length);
    const end = this.#carried + length;
    this.#carryOn(joined, this.hear(joined, 0, end), end);
  }

  #carryOn(bytes: Buffer, at: number, end: number): void {
    this.#carried = end - at;
    if (this.#carried > MAX_CARRIED_BYTES) throw new RangeError(`a frame of more than ${MAX_CARRIED_BYTES} bytes`);
    if (this.#carried > this.#carry.length) this.#carry = Buffer.allocUnsafeSlow(2 * this.#carried);
    if (this.#carried > 0) bytes.copy(this.#carry, 0, at, end);
  }

  async #take({ say, until }: Step, limit: AbortSignal): Promise<void> {
    let heard = '';
    await new Promise<void>((resolve, reject) => {
      this.hear = (bytes, at, end) => {
        heard += bytes.toString('latin1', at, end);
        const found = until.exec(heard);
        if (found === null) return end;
        resolve();
        // What stands behind the answer is carried: it is for who hears next.
        this.hear = (_bytes, behind) => behind;
        return end - (heard.length - found.index - found[0].length);
      };
      const late = () => reject(new Error(`no ${until}, but ${JSON.stringify(heard.slice(0, SHOWN_CHARACTERS))}`));
      limit.addEventListener('abort', late, { once: true });
      this.#socket?.write(say);
    });
  }
}
