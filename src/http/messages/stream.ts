/**
 * Mail as a stream of events (SSE). The session lasts as long as the connection. The stream asks for an event when its
 * client has taken the one before, so a client that reads slowly costs the window of its session and no more.
 */
import { TimeLimits } from '../../shared/common/deadline.ts';
import type { Problem } from '../problems.ts';
import type { HttpProgram } from './http-program.ts';
import type { Use } from './http-programs.ts';

/** A stream on which nothing comes says a comment so often. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ':\n\n';
/** The headers of the answer. */
export const EVENTS = { 'content-type': 'text/event-stream' };

/** The answer whose events are the messages of a session. @param gone is aborted when the client has gone */
export function eventStream(use: Use, gone: AbortSignal, heartbeatMs = HEARTBEAT_MS): Response {
  const { program } = use;
  const cancelled = new AbortController();
  const over = AbortSignal.any([gone, cancelled.signal]);
  let ended = false;
  const end = () => {
    if (!ended) use[Symbol.dispose]();
    ended = true;
  };
  over.addEventListener('abort', end);
  if (over.aborted) end();
  program.inbox.rewind();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(HEARTBEAT)), // so that the headers go out
    pull: async (controller) => {
      const text = await nextEvent(program, over, heartbeatMs);
      if (over.aborted) return;
      if (text !== undefined) return controller.enqueue(encoder.encode(text));
      if (program.whyEnded !== undefined) controller.enqueue(encoder.encode(byeOf(program.whyEnded)));
      controller.close();
      end();
    },
    cancel: () => cancelled.abort(),
  });
  return new Response(stream, { headers: EVENTS });
}

/** @returns the next event, or a comment if none comes; undefined if the session has ended */
async function nextEvent(program: HttpProgram, over: AbortSignal, heartbeatMs: number): Promise<string | undefined> {
  const { inbox } = program;
  if (!inbox.hasNext) {
    using limits = new TimeLimits(over);
    await program.until(() => inbox.hasNext, limits.after(heartbeatMs));
  }
  if (program.whyEnded !== undefined || over.aborted) return undefined;
  const next = inbox.next();
  return next === undefined ? HEARTBEAT : `id: ${next.seq}\ndata: ${next.text}\n\n`;
}

/** The last event of a session that the broker has ended. */
function byeOf({ message }: Problem): string {
  return `event: bye\ndata: {"code":"${message}"}\n\n`;
}
