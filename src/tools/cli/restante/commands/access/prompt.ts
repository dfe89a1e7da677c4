/** A secret that somebody types: on a terminal twice, and without it being shown; or as the first line of an input. */
import { UsageError } from '../../../../library/index.ts';

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LF = 0x0a;
const CR = 0x0d;
const DELETE = 0x7f;
/** The longest secret that is read, in bytes. */
const MAX_BYTES = 4_096;

/** A terminal that can be read key by key. */
interface Keys extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** Where it is asked. */
export interface Asked {
  readonly input: Keys;
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
}

/**
 * Asks for a new password.
 * @param fromInput the first line of the input is the password, whether that is a terminal or not
 * @throws UsageError if nobody can be asked, or two answers differ
 */
export async function newPassword(name: string, fromInput: boolean, asked: Asked): Promise<Uint8Array> {
  const lines = new SecretLines(asked.input);
  if (fromInput) return await lines.next();
  if (asked.input.isTTY !== true) throw new UsageError('no terminal to ask on: use --password-stdin');
  asked.input.setRawMode?.(true);
  try {
    asked.say(`password for ${name}: `);
    const first = await lines.next(asked.stop);
    asked.say('\nonce more: ');
    const second = await lines.next(asked.stop);
    asked.say('\n');
    if (!Buffer.from(first).equals(second)) throw new UsageError('the two are not the same: nothing is changed');
    return first;
  } finally {
    asked.input.setRawMode?.(false);
  }
}

/** The lines of an input, of which nothing is kept behind a line. */
class SecretLines {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = Buffer.alloc(0);

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#pieces = input[Symbol.asyncIterator]();
  }

  /** @param stop is aborted by Ctrl-C; a terminal in raw mode sends no signal itself */
  async next(stop?: AbortSignal): Promise<Uint8Array> {
    const typed: number[] = [];
    for (;;) {
      const ended = this.#take(typed, stop !== undefined);
      if (ended) return Uint8Array.from(typed);
      const { value, done } = await this.#pieces.next();
      stop?.throwIfAborted();
      if (done === true) return Uint8Array.from(typed);
      this.#rest = Uint8Array.from(value);
      if (typed.length + this.#rest.length > MAX_BYTES) throw new UsageError(`longer than ${MAX_BYTES} bytes`);
    }
  }

  /** @param keys whether these are keys, of which some correct or end @returns whether a line has ended */
  #take(typed: number[], keys: boolean): boolean {
    for (const [at, byte] of this.#rest.entries()) {
      if (byte === LF || (keys && (byte === CR || byte === CTRL_D))) {
        if (byte === LF && typed.at(-1) === CR) typed.pop();
        this.#rest = this.#rest.subarray(at + 1);
        return true;
      }
      if (keys && byte === CTRL_C) process.kill(process.pid, 'SIGINT');
      else if (keys && (byte === DELETE || byte === BACKSPACE)) dropCharacter(typed);
      else typed.push(byte);
    }
    this.#rest = Buffer.alloc(0);
    return false;
  }
}

/** Removes the last character, which may have several bytes. */
function dropCharacter(typed: number[]): void {
  while (typed.length > 0 && ((typed.pop() as number) & 0xc0) === 0x80);
}
