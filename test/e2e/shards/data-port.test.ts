/** With real threads: a data port loses no post and wakes who sleeps, whatever the moments are. */
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { Turns } from '../../../src/session/reader/turns.ts';
import { ShardPort } from '../../../src/shards/thread/shard-port.ts';
import { TurnLooks } from '../../../src/shards/thread/turn-looks.ts';
import { Arena } from '../../../src/shared/memory/arena.ts';
import { PostRing } from '../../../src/shared/memory/post-ring.ts';
import type { PostedValue } from '../../../src/shared/wire/batch.ts';
import { laneOf } from '../../../src/shared/wire/port/data-port.ts';
import { Choices } from '../../helpers/faults/random.ts';
import type { EchoTask } from '../../helpers/unit/echo-thread.ts';
import { until } from '../../helpers/until.ts';

const POSTS = 30_000;
/** One post in so many moves a buffer. */
const MOVED = 50;

function numberIn(value: PostedValue): number {
  return value instanceof ArrayBuffer ? (new Float64Array(value)[0] as number) : (value as number);
}

/**
 * With one post under way, nothing more is sent until it is back, so a wake-up that is lost is the end. With a hundred
 * there are more than a ring has room for.
 */
it.each([1, 100])('posts of both kinds come back once and in order, with %d under way', async (mostUnderWay) => {
  const arena = new Arena(2 * PostRing.BYTES);
  const rings = { toShard: PostRing.in(arena), toMain: PostRing.in(arena) };
  const { port1, port2 } = new MessageChannel();
  const task: EchoTask = { port: port2, arena: arena.shared, out: rings.toMain.at, into: rings.toShard.at };
  const typescript = new URL('../../../workers/typescript.mjs', import.meta.url).href;
  const echo = new Worker(fileURLToPath(new URL('../../helpers/unit/echo-thread.ts', import.meta.url)), {
    workerData: task,
    transferList: [port2],
    execArgv: ['--import', typescript],
  });
  const looks = TurnLooks.at(1);
  const turns = new Turns();
  turns.watch(looks);
  const port = new ShardPort(laneOf(port1), rings, looks);
  const choices = new Choices();
  let sent = 0;
  let came = 0;
  let wrong: string | undefined;
  port.listen((value) => {
    if (numberIn(value) !== came) wrong ??= `${numberIn(value)} instead of ${came}`;
    came++;
  });
  port1.on('message', port.arrived);
  const send = () => {
    for (let left = choices.between(0, 20); left > 0 && sent < POSTS && sent - came < mostUnderWay; left--) {
      const value = choices.chance(1 / MOVED) ? new Float64Array([sent]).buffer : sent;
      port.target.postMessage(value, value instanceof ArrayBuffer ? [value] : []);
      sent++;
    }
  };
  // Some turns follow each other at once, and others after a moment, in which both threads go to sleep.
  const goOn = () => {
    turns.atEnd(send);
    if (sent < POSTS) choices.chance(0.01) ? setTimeout(goOn, 1) : setImmediate(goOn);
  };
  goOn();
  await until(
    () => came === POSTS || wrong !== undefined,
    () => `${POSTS} posts; ${came} of ${sent} came back (RESTANTE_SEED=${choices.seed})`,
  );
  expect([wrong, came]).toEqual([undefined, POSTS]);
  port1.close();
  await echo.terminate();
});
