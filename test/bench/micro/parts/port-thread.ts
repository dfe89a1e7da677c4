/** The other thread of port.bench.ts: every post goes back as it came, until the thread is ended. */
import type { MessagePort } from 'node:worker_threads';
import { type PostedValue, posted, received } from '../../../../src/shared/wire/batch.ts';

export default function echo(port: MessagePort): Promise<never> {
  port.on('message', (value: PostedValue) => {
    if (typeof value === 'number') port.postMessage(value);
    else port.postMessage(...posted(received(value)));
  });
  return new Promise(() => {});
}
