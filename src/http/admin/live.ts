/**
 * Sends each sample of the history to who listens, as server-sent events. A listener that does not read is dropped, so
 * that it keeps no samples in memory.
 */
import type { Context } from 'hono';
import type { Sample } from '../../broker/admin/answers.ts';
import type { History } from '../../broker/admin/history.ts';
import { problem } from '../problems.ts';
import type { AdminEnv } from './guard.ts';

/** More may not listen at a time. */
export const MAX_LISTENERS = 32;
/** So many samples may wait for one listener. */
export const MAX_UNREAD = 5;

const EVENTS = { 'content-type': 'text/event-stream' };

export class Live {
  readonly #history: History;
  #listeners = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** The answer to one listener. */
  answer(context: Context<AdminEnv>): Response {
    if (context.req.method === 'HEAD') return context.body(null, 200, EVENTS);
    if (this.#listeners >= MAX_LISTENERS) return problem(context, 'LISTENERS_FULL', { max: MAX_LISTENERS });
    const stream = this.#stream(() => context.env?.outgoing?.destroy());
    return context.body(stream, 200, EVENTS);
  }

  /** @param drop closes the connection */
  #stream(drop: () => void): ReadableStream<Uint8Array> {
    let end: () => void = () => undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#listeners++;
          const leave = this.#history.listen((sample) => {
            if (sample !== undefined && (controller.desiredSize ?? 0) > -MAX_UNREAD) {
              controller.enqueue(asEvent(sample));
              return;
            }
            end();
            if (sample === undefined) controller.close();
            else drop();
          });
          end = () => {
            end = () => undefined;
            leave();
            this.#listeners--;
          };
          // A browser takes the stream as open when something has come.
          controller.enqueue(Buffer.from(': samples\n\n'));
        },
        cancel: () => end(),
      },
      new CountQueuingStrategy({ highWaterMark: 1 }),
    );
  }
}

function asEvent(sample: Sample): Uint8Array {
  return Buffer.from(`event: sample\ndata: ${JSON.stringify(sample)}\n\n`);
}
