/**
 * Connections to the broker: one that talks and hears what the broker says of it, one that reads, and many that come
 * and go.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import { FrameCheck, type Lines, senderName } from './mail.ts';

const HOST = '127.0.0.1';
/** What is written at a time: large enough that the talker is never what is slow. */
const CHUNK_BYTES = 256 * 1024;
/** How many names come and go at a time. */
const COMING_AT_ONCE = 64;
/** No word, or no mail, for so long means that none comes. */
const STALLED_MS = 60_000;
const READ_BUFFER_BYTES = 256 * 1024;

/** Sends, and hears the broker's notices. */
export class Talker implements Disposable {
  /** Notices that are not the one it may hear: mail is not held. */
  readonly strange: string[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (atMs: number) => void>();
  readonly #onFull: (name: string) => void;
  #rest = '';

  private constructor(socket: Socket, onFull: (name: string) => void) {
    this.#socket = socket;
    this.#onFull = onFull;
    socket.on('data', (data: Buffer) => this.#hear(data));
    socket.on('error', (error) => this.strange.push(String(error)));
  }

  /**
   * A talker that is connected and has said its name.
   * @param onFull is told of each mailbox that is full; without it that is a strange word
   */
  static async connect(port: number, name: string, onFull?: (name: string) => void): Promise<Talker> {
    const socket = connect({ host: HOST, port, noDelay: true });
    const talker = new Talker(socket, onFull ?? ((full) => talker.strange.push(`the mailbox of ${full} is full`)));
    await once(socket, 'connect');
    socket.write(`${name}\n`);
    return talker;
  }

  /** Bytes that the kernel has not taken. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Sends what is built already; resolves when the kernel has taken all of it. */
  async send(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      await new Promise<void>((resolve) => this.#socket.write(chunk, () => resolve()));
    }
  }

  /** Sends without waiting for anything. */
  post(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /** Resolves, with the time, when the broker says that mail for `name` is held. It says so once. */
  async held(name: string): Promise<number> {
    const said = new Promise<number>((resolve) => this.#waiting.set(name, resolve));
    return await inTime(said, () => `that mail for ${name} is held was not said; ${this.strange[0] ?? 'nothing was'}`);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #hear(data: Buffer): void {
    const now = performance.now();
    const lines = (this.#rest + data.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const held = /^\* (.*) is away: mail is held$/.exec(line)?.[1];
      const full = /^\* the mailbox of (.*) is full: mail is refused$/.exec(line)?.[1];
      if (held !== undefined) this.#waiting.get(held)?.(now);
      else if (full !== undefined) this.#onFull(full);
      else this.strange.push(line);
    }
  }
}

/** Lets each of `names` come and leave, so that the broker knows them and holds their mail. */
export async function makeKnown(port: number, names: readonly string[]): Promise<void> {
  let next = 0;
  const some = async () => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      const socket = connect({ host: HOST, port });
      socket.resume();
      socket.end(`${name}\n`);
      await once(socket, 'close');
    }
  };
  await Promise.all(Array.from({ length: COMING_AT_ONCE }, some));
}

/** One name for each shard, made of `prefix`. */
function nameOfEachShard(prefix: string, shards: number): string[] {
  return Array.from({ length: shards }, (_, shard) => {
    for (let i = 0; ; i++) {
      const name = `${prefix}-${i}`;
      if (shardOf(hashName(Buffer.from(name)), shards) === shard) return name;
    }
  });
}

/**
 * Sends each of `mail` through a sender of its own, all at once; resolves when all of it is held. That is certain: the
 * last line of each sender goes to a name of its own in each shard, lines of one sender reach a shard in their order, a
 * shard commits in that order, and only when it has committed that last one does it say that it is held.
 *
 * @param write sends a sender's lines; at full speed if it is not given
 * @returns how long it took, and what was said that should not have been
 */
export async function holdAll(
  port: number,
  shards: number,
  mail: readonly Lines[],
  write: (talker: Talker, lines: Lines) => Promise<void> = (talker, { bytes }) => talker.send(bytes),
): Promise<{ ms: number; wrong: string[] }> {
  const lastNames = mail.map((_, sender) => nameOfEachShard(`last-${sender}`, shards));
  await makeKnown(port, lastNames.flat());
  const talkers = await Promise.all(mail.map((_, sender) => Talker.connect(port, senderName(sender))));
  try {
    const since = performance.now();
    const one = async (talker: Talker, sender: number): Promise<number> => {
      await write(talker, mail[sender] as Lines);
      const said = (lastNames[sender] ?? []).map((name) => {
        const held = talker.held(name);
        talker.post(`${name}: the last\n`);
        return held;
      });
      return Math.max(...(await Promise.all(said)));
    };
    const at = await Promise.all(talkers.map(one));
    return { ms: Math.max(...at) - since, wrong: talkers.flatMap((talker) => talker.strange.slice(0, 3)) };
  } finally {
    for (const talker of talkers) talker[Symbol.dispose]();
  }
}

/**
 * Comes as `name`, and reads until `count` messages are there.
 * @returns how long that took from the connect on, and what was wrong with them
 */
export async function fetchMail(
  port: number,
  name: string,
  count: number,
): Promise<{ ms: number; wrong: string | undefined }> {
  const check = new FrameCheck();
  const since = performance.now();
  let at = since;
  let moved = (): void => {};
  const socket = connect({
    host: HOST,
    port,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
      callback: (length, buffer) => {
        check.feed((buffer as Buffer).subarray(0, length));
        at = performance.now();
        if (check.count >= count) moved();
        return true;
      },
    },
  });
  socket.write(`${name}\n`);
  const all = new Promise<void>((resolve, reject) => {
    moved = resolve;
    socket.on('close', () => reject(new Error('the broker closed')));
    socket.on('error', reject);
  });
  all.catch(() => undefined);
  const watch = setInterval(() => {
    if (performance.now() - at > STALLED_MS) moved();
  }, 1_000);
  try {
    await all;
    // What comes twice comes at the end: leaving reads to the end of the stream.
    const closed = once(socket, 'close');
    socket.end();
    await closed;
  } catch (error) {
    check.wrong ??= String(error);
  } finally {
    clearInterval(watch);
    socket.destroy();
  }
  const missing = check.count === count ? undefined : `${check.count} of ${count} messages came to ${name}`;
  return { ms: at - since, wrong: check.wrong ?? missing };
}

/** Fetches the mail of all `names`, a few at a time. @returns what was wrong */
export async function fetchAll(port: number, names: readonly string[], countOfEach: number): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  const some = async () => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      const found = await fetchMail(port, name, countOfEach);
      if (found.wrong !== undefined) wrong.push(found.wrong);
    }
  };
  await Promise.all(Array.from({ length: 8 }, some));
  return wrong;
}

async function inTime<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain: ${what()}`)), STALLED_MS * 3);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
