/** What a named connection that says nothing costs in memory. */
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

/** Measures it: the growth of the broker's settled memory, divided by the connections. */
export async function idle(options: BenchOptions): Promise<Findings> {
  const count = options.quick ? 2_000 : 9_000;
  const quietMs = options.quick ? 4_000 : 11_000;
  const measured: number[] = [];
  const lost: string[] = [];
  for (let run = 0; run < options.runs; run++) {
    using folder = storeFolder(options);
    await using broker = await startHolding(options, folder.path, { NAME_TIMEOUT_SECONDS: '60' });
    const before = await settledBytes(broker, quietMs);
    const sockets = await connected(broker.port, names('i', count));
    const after = await settledBytes(broker, quietMs);
    const open = sockets.filter((socket) => !socket.destroyed).length;
    if (open < count) lost.push(`${count - open} of ${count} idle connections ended`);
    measured.push((after - before) / count / KIB);
    for (const socket of sockets) socket.resetAndDestroy();
    await sleep(500);
  }
  const note = `${count.toLocaleString('en-US')} connections; resident memory before and after, each the lowest until ${quietMs / 1000} s brought no new low`;
  const what = 'an idle connection';
  return { figures: [{ what, unit: 'KiB', measured, should: 'below', target: TARGET_KIB, note }], wrong: lost };
}

async function connected(port: number, all: readonly string[]): Promise<Socket[]> {
  const sockets: Socket[] = [];
  let next = 0;
  const some = async () => {
    for (let name = all[next++]; name !== undefined; name = all[next++]) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined); // that it has ended is seen, and said, afterwards
      await once(socket, 'connect');
      socket.resume();
      socket.write(`${name}\n`);
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  return sockets;
}
