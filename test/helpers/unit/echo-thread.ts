/** The thread of data-port.test.ts: it sends every post back in order, and sleeps whenever there is none. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { memoryOf, type WasmMemory } from '../../../src/shared/memory/arena.ts';
import { PostRing } from '../../../src/shared/memory/post-ring.ts';
import { DataPort, laneOf } from '../../../src/shared/wire/port/data-port.ts';

/** What the thread is given. The rings are the first bytes of them. */
export interface EchoTask {
  readonly port: MessagePort;
  readonly arena: WasmMemory;
  readonly out: number;
  readonly into: number;
}

const { port, arena, out, into } = workerData as EchoTask;
const memory = memoryOf(arena);
const data = new DataPort(laneOf(port), new PostRing(memory, out), new PostRing(memory, into));

port.on('message', (message: unknown) => {
  data.arrived(message);
  do {
    data.takeAll((value) => data.postMessage(value, value instanceof ArrayBuffer ? [value] : []));
  } while (!data.sleep());
});
