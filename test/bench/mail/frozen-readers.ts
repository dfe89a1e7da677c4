/** What a thousand peers that do not read cost in memory, and what they cost 64 that chat. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { settledBytes, startHolding, storeFolder } from './broker.ts';
import { Chat } from './chat.ts';
import type { Findings } from './figures.ts';
import { names } from './mail.ts';
import type { BenchOptions } from './options.ts';
import { makeKnown, Talker } from './peers.ts';

const CHATTING = 64;
const MIB = 1024 * 1024;
const MEMORY_TARGET_MIB = 400;
const SHARE_TARGET = 80;
/** How much of the growth must be gone when the frozen are. */
const FALL_TARGET = 50;
const FILL_LINE_BYTES = 16 * 1024;
const LINES_A_ROUND = 8;
/** So few are filled at a time that the broker's notices about them fit in what it says in a turn. */
const FILLED_AT_ONCE = 50;
/**
 * So little that nothing waits in a mailbox: the broker says `full` when the window is. And glibc is told to give back
 * what is freed, as the README says.
 */
const SETTINGS = { MAILBOX_MAX_BYTES: '1KiB', MALLOC_MMAP_THRESHOLD_: '16384' };

/** Measures both in one broker: without the frozen, with them, and when they have gone. */
export async function frozenReaders(options: BenchOptions): Promise<Findings> {
  const count = options.quick ? 200 : 1_000;
  const seconds = options.quick ? 3 : 5;
  using folder = storeFolder(options);
  await using broker = await startHolding(options, folder.path, SETTINGS);
  using chat = await Chat.start(broker.port, CHATTING);
  await chat.rate(2); // warm
  const alone = await rates(chat, options.runs, seconds);
  const before = broker.residentBytes;
  const frozen = await freeze(broker.port, names('f', count));
  const beside = await rates(chat, options.runs, seconds);
  const during = broker.residentBytes;
  for (const socket of frozen) socket.resetAndDestroy();
  const wrong = await chat.stop();
  const after = await settledBytes(broker, options.quick ? 4_000 : 11_000);
  const best = Math.max(...alone);
  const note = `${count.toLocaleString('en-US')} frozen, windows full; MALLOC_MMAP_THRESHOLD_=${SETTINGS.MALLOC_MMAP_THRESHOLD_}; ${Math.round(before / MIB)} MiB before, ${Math.round(after / MIB)} MiB when they are gone, ${Math.round(broker.peakBytes / MIB)} MiB at most`;
  return {
    figures: [
      {
        what: 'memory with frozen readers',
        unit: 'MiB',
        measured: [during / MIB],
        should: 'below',
        target: MEMORY_TARGET_MIB,
        note,
      },
      {
        what: 'of that growth gone with them',
        unit: '%',
        measured: [((during - after) / (during - before)) * 100],
        should: 'at least',
        target: FALL_TARGET,
      },
      { what: 'chat without them', unit: 'messages/s', measured: alone, should: 'at least' },
      {
        what: 'chat beside them',
        unit: '% of the best without',
        measured: beside.map((rate) => (rate / best) * 100),
        should: 'at least',
        target: SHARE_TARGET,
      },
    ],
    wrong,
  };
}

async function rates(chat: Chat, runs: number, seconds: number): Promise<number[]> {
  const found: number[] = [];
  for (let run = 0; run < runs; run++) found.push(await chat.rate(seconds));
  return found;
}

/** Peers that read nothing, each sent so much that its window and its mailbox are full. */
async function freeze(port: number, all: readonly string[]): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const open = new Set<string>();
  using talker = await Talker.connect(port, 's99', (name) => open.delete(name));
  const body = 'x'.repeat(FILL_LINE_BYTES);
  // The talker's first line can be read before a peer's name is: mail for a name that is known is held then.
  await makeKnown(port, all);
  for (let first = 0; first < all.length; first += FILLED_AT_ONCE) {
    const some = all.slice(first, first + FILLED_AT_ONCE);
    for (const name of some) {
      sockets.push(await frozenPeer(port, name));
      open.add(name);
    }
    while (open.size > 0) await talker.send(Buffer.from([...open].map((name) => round(name, body)).join('')));
    if (talker.strange.length > 0) throw new Error(`while it was filled: ${talker.strange[0]}`);
  }
  return sockets;
}

function round(name: string, body: string): string {
  return `${name}: ${body}\n`.repeat(LINES_A_ROUND);
}

async function frozenPeer(port: number, name: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.pause(); // before it is connected: then nothing is ever read
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`${name}\n`);
  return socket;
}
