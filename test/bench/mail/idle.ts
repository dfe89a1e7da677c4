/** What a named session that says nothing costs in memory: a plain one, and a program's. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { settledBytes, startHolding, storeFolder } from './broker.ts';
import type { Findings } from './figures.ts';
import { names } from './mail.ts';
import type { BenchOptions } from './options.ts';

const KIB = 1024;
const TARGET_KIB = 12;
const AT_ONCE = 128;
const PLAIN_SESSIONS = 9_000;
const PROGRAMS = 4_000;
const QUICK_SESSIONS = 2_000;

/** Who comes, and says nothing more than it must. */
interface Idlers {
  readonly what: string;
  readonly count: number;
  readonly target?: number;
  hello(name: string): string;
  /** Listens, and answers where that is asked for. */
  listen(socket: Socket): void;
}

/** Measures it for plain sessions. */
export function idle(options: BenchOptions): Promise<Findings> {
  return growth(options, {
    what: 'an idle connection',
    count: options.quick ? QUICK_SESSIONS : PLAIN_SESSIONS,
    target: TARGET_KIB,
    hello: (name) => `${name}\n`,
    listen: (socket) => socket.resume(),
  });
}

/** Measures it for programs, which acknowledge, and answer pings. */
export function idlePrograms(options: BenchOptions): Promise<Findings> {
  return growth(options, {
    what: 'an idle program',
    count: options.quick ? QUICK_SESSIONS : PROGRAMS,
    hello: (name) => `${JSON.stringify({ type: 'hello', v: 1, name })}\n`,
    listen: (socket) => {
      socket.on('data', (data: Buffer) => {
        if (data.includes('{"type":"ping"}')) socket.write('{"type":"pong"}\n');
      });
    },
  });
}

/** The growth of the broker's settled memory, divided by the sessions. */
async function growth(options: BenchOptions, idlers: Idlers): Promise<Findings> {
  const { what, count, target } = idlers;
  const quietMs = options.quick ? 4_000 : 11_000;
  const measured: number[] = [];
  const lost: string[] = [];
  for (let run = 0; run < options.runs; run++) {
    using folder = storeFolder(options);
    await using broker = await startHolding(options, folder.path, { NAME_TIMEOUT_SECONDS: '60' });
    const before = await settledBytes(broker, quietMs);
    const sockets = await connected(broker.port, count, idlers);
    const after = await settledBytes(broker, quietMs);
    const here = sockets.filter((socket) => !socket.destroyed && socket.bytesRead > 0).length;
    if (here < count) lost.push(`${count - here} of ${count} idle sessions ended, or were not made welcome`);
    measured.push((after - before) / count / KIB);
    for (const socket of sockets) socket.resetAndDestroy();
    await sleep(500);
  }
  const note = `${count.toLocaleString('en-US')} of them; resident memory before and after, each the lowest until ${quietMs / 1000} s brought no new low`;
  return {
    figures: [{ what, unit: 'KiB', measured, should: 'below', ...(target !== undefined && { target }), note }],
    wrong: lost,
  };
}

async function connected(port: number, count: number, { hello, listen }: Idlers): Promise<Socket[]> {
  const all = names('i', count);
  const sockets: Socket[] = [];
  let next = 0;
  const some = async () => {
    for (let name = all[next++]; name !== undefined; name = all[next++]) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined); // that it has ended is seen, and said, afterwards
      await once(socket, 'connect');
      listen(socket);
      socket.write(hello(name));
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  return sockets;
}
