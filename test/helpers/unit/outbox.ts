/** An outbox with a fake port. */
import type { MessagePort } from 'node:worker_threads';
import { HIGH_WATER_BYTES, LIGHT_COST_BYTES, Outbox } from '../../../src/router/outbox.ts';
import { type Post, type PostedValue, received } from '../../../src/shared/wire/batch.ts';
import { FLUSH } from '../../../src/shared/wire/records.ts';
import { putFlush } from '../../../src/shared/wire/to-shard.ts';
import { valuesToShard } from './records.ts';

export const RECORD_BYTES = FLUSH.end * 4;
/** The cost of a line that is just too expensive to count as light. */
export const HEAVY = LIGHT_COST_BYTES + 1;
export const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

export class PaperPort {
  readonly posts: Post[] = [];
  readonly transfers: (readonly ArrayBuffer[])[] = [];

  postMessage(value: PostedValue, transfer: readonly ArrayBuffer[]): void {
    this.posts.push(received(value));
    this.transfers.push(transfer);
  }

  get asPort(): MessagePort {
    return this as unknown as MessagePort;
  }

  /** The ids of the flushes in each post. */
  get flushIds(): number[][] {
    return this.posts.map((post) =>
      valuesToShard(post).values.map((value) => (value.kind === 'flush' ? value.flushId : Number.NaN)),
    );
  }
}

export function connected(): { outbox: Outbox; port: PaperPort } {
  const outbox = new Outbox();
  const port = new PaperPort();
  outbox.connect(port.asPort, undefined);
  return { outbox, port };
}

export function put(outbox: Outbox, ...flushIds: number[]): void {
  for (const flushId of flushIds) {
    putFlush(outbox.batch, flushId);
    outbox.schedule();
  }
}

/** Puts one record of `bytes` bytes. */
export function putLarge(outbox: Outbox, bytes: number): void {
  outbox.batch.begin(6, bytes);
  outbox.schedule();
}
