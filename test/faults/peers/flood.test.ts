/**
 * Attackers send expensive lines as fast as they can. Memory stays under the bound that the broker says at its start,
 * and two other peers chat on.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AS_STARTED, FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong, quantile } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';

const ATTACKERS = 64;
const ATTACK_MS = fastOrLong(3_000, 20_000);
/** The most memory of the broker under the attack. */
const ATTACKED_MIB = 400;
/** The most of that memory that may remain after the attack, and the time to give it back. */
const LEFT_OVER_MIB = 100;
const GONE_WITHIN_MS = 60_000;
const LINE_BYTES = 65_536;
/** The longest median round trip of the other peers, on a machine that they share with the attackers. */
const BYSTANDER_MEDIAN_MS = 1_000;
/** The limit of held mail. A stop on a slow disk must have time to store it. */
const HELD_MAX_BYTES = '256MiB';
const DRAIN_SECONDS = String(paced(60));
const SETTINGS = {
  ...AS_STARTED,
  MAX_CONNECTIONS: '200',
  MAX_NAMES: '2000',
  SHARDS: '1',
  HELD_MAX_BYTES,
  DRAIN_SECONDS,
};

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-+'];
const thousand = Array.from({ length: 1_000 }, (_, i) => letters[i % letters.length]).join(',');
const unknown = Array.from({ length: 1_000 }, (_, i) => `u${i}`).join(',');
const filled = (names: string) => `${names}: ${'m'.repeat(LINE_BYTES - names.length - 2)}\n`;

interface Attack {
  readonly what: string;
  readonly line: string;
  /** Whether the attackers hold the names that they write to, and read nothing. */
  readonly frozen?: true;
  /** Whether each attacker sends the line only once, and without its end. */
  readonly once?: true;
}

const ATTACKS: readonly Attack[] = [
  { what: 'long messages to a thousand names that are away', line: filled(thousand) },
  { what: 'short messages to a thousand names that are away', line: `${thousand}: m\n` },
  { what: 'long messages to a thousand names that do not read', line: filled(thousand), frozen: true },
  { what: 'long messages to a thousand unknown names', line: filled(unknown) },
  { what: 'lines without an end', line: `a: ${'m'.repeat(LINE_BYTES - 100)}`, once: true },
  { what: 'empty lines', line: '\n'.repeat(LINE_BYTES) },
  { what: 'commas', line: `${','.repeat(LINE_BYTES - 1)}:\n` },
  { what: 'white space', line: `a:${'\u2003'.repeat(LINE_BYTES / 3 - 1)}\n` },
];

/** Sends `line` again and again, as fast as the broker takes it. */
function attack(port: number, name: string, { line, frozen, once }: Attack): Socket {
  const socket = connect(port, '127.0.0.1');
  const bytes = Buffer.from(line.repeat(once ? 1 : Math.max(1, Math.floor(LINE_BYTES / line.length))));
  const more = () => {
    if (once) socket.write(bytes);
    else while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('error', () => undefined); // the broker may end this session
  if (frozen) socket.pause();
  else socket.resume();
  socket.write(`${name}\n`);
  socket.on('drain', more);
  socket.once('connect', more);
  return socket;
}

async function comeAndGo(port: number, name: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  socket.end(`${name}\n`);
  await closed;
}

describe('an attack by 64 connections', () => {
  it.each(ATTACKS)('with $what', { timeout: paced(300_000) }, async (how) => {
    using folder = temporaryFolder();
    using peers = new Peers(new Ledger());
    await using broker = await FaultBroker.start(folder.path, SETTINGS);
    const bound = /memory is bound to (\d+) MiB/.exec(broker.process.stdout)?.[1];
    for (const letter of letters) await comeAndGo(broker.port, letter);
    const game = await PingPong.start(peers, broker.port, '~by');
    const baseMiB = broker.residentMiB;
    const sockets = letters
      .slice(0, ATTACKERS)
      .map((letter) => attack(broker.port, how.frozen ? letter : `~attacker${letter}`, how));
    let peakMiB = 0;
    for (const until = performance.now() + ATTACK_MS; performance.now() < until; await sleep(20)) {
      peakMiB = Math.max(peakMiB, broker.residentMiB);
    }
    for (const socket of sockets) socket.destroy();
    const trips = await game.stop(1);
    // Memory is returned to the system only while the broker works.
    const calm = await PingPong.start(peers, broker.port, '~calm');
    let afterMiB = broker.residentMiB;
    for (const until = performance.now() + GONE_WITHIN_MS; performance.now() < until; await sleep(100)) {
      afterMiB = broker.residentMiB;
      if (afterMiB < baseMiB + LEFT_OVER_MIB) break;
    }
    await calm.stop(1);
    const figures = JSON.stringify({ bound, baseMiB, peakMiB, afterMiB, median: quantile(trips, 0.5) });
    expect(peakMiB, figures).toBeLessThan(Number(bound));
    expect(peakMiB, figures).toBeLessThan(ATTACKED_MIB);
    expect(afterMiB, figures).toBeLessThan(baseMiB + LEFT_OVER_MIB);
    expect(quantile(trips, 0.5), figures).toBeLessThan(pacedNow(BYSTANDER_MEDIAN_MS));
    expect((await broker.terminate()).code, broker.process.stdout + broker.process.stderr).toBe(0);
  });
});
