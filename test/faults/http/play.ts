/** Plays one connection of the fuzz, in pieces, read or not, and ends it in one of the ways in which clients end. */
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Choices } from '../../helpers/faults/random.ts';
import { until } from '../../helpers/until.ts';

const STATUS = /HTTP\/1\.1 (\d{3})[ \r]/g;
/** What is kept of an answer: enough for its status, and those of the next. */
const KEPT = 64 * 1024;

/**
 * Sends the bytes.
 * @returns the statuses that were answered
 * @throws Error if the broker neither answers a client that has said all, nor closes its connection
 */
export async function play(port: number, bytes: Buffer, choices: Choices): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let received = '';
  let over = false;
  socket.on('data', (chunk: Buffer) => {
    if (received.length < KEPT) received += chunk.toString('latin1');
  });
  for (const event of ['end', 'close']) socket.once(event, () => (over = true));
  socket.on('error', () => undefined); // the broker may close before it has read everything
  if (choices.chance(0.1)) socket.pause();
  const way = choices.between(0, 8);
  const said = way < 2 ? bytes.subarray(0, choices.between(0, bytes.length + 1)) : bytes;
  const pieces = choices.chance(0.6) ? 1 : choices.between(2, 9);
  for (let piece = 0; piece < pieces && !socket.destroyed; piece++) {
    socket.write(said.subarray((said.length * piece) / pieces, (said.length * (piece + 1)) / pieces));
    if (pieces > 1) await setImmediate();
  }
  if (way === 0) socket.resetAndDestroy();
  else if (way > 1) {
    socket.resume();
    socket.end();
    const answered = () => over || received.includes('HTTP/1.1 ');
    await until(answered, () => `an answer to ${JSON.stringify(said.toString('latin1').slice(0, 2_000))}`);
    await setImmediate();
  }
  socket.destroy();
  return [...received.matchAll(STATUS)].map(([, status]) => Number(status));
}
