/**
 * `GET /v1/mail/NAME` and `POST /v1/mail/NAME/ack`: the mail of a name, which stays until it is acknowledged. A `GET`
 * says what is at the front, and changes nothing: the next one says the same again, and more.
 */
import type { Context } from 'hono';
import { TimeLimits } from '../../shared/common/deadline.ts';
import { problemOf } from '../problems.ts';
import { bodyObject, callerOf, pathPart, wholeOption } from '../requests/parts.ts';
import { type HttpPrograms, MAX_MAIL_MESSAGES, type Use } from './http-programs.ts';
import { RETRY_SECONDS } from './session-problems.ts';
import { EVENTS, eventStream } from './stream.ts';

/** The longest time that a request may wait: a client that gets no byte for longer is closed. */
const MAX_WAIT_SECONDS = 50;
const DEFAULT_LIMIT = 100;
/** How long the shard may take to answer about a name, and to read mail that waits. */
const SHARD_MS = 5_000;
/** How long a request of the same name that is about to end is waited for, whatever `wait` is. */
const BRIEF_MS = 1_000;
/** What comes within this time of a message is in the same answer; and of mail that waited, which a disk may have. */
const GATHER_MS = 20;
const GATHER_WAITING_MS = 100;

/**
 * Answers with the mail of a name: as JSON lines, or as a stream of events.
 * @throws Problem if somebody else has the name
 */
export async function mail(context: Context, programs: HttpPrograms): Promise<Response> {
  const name = pathPart(context, 3);
  const waitMs = 1_000 * (wholeOption(context, 'wait', 0, MAX_WAIT_SECONDS) ?? 0);
  const limit = wholeOption(context, 'limit', 1, MAX_MAIL_MESSAGES) ?? DEFAULT_LIMIT;
  const asEvents = /\btext\/event-stream\b/.test(context.req.header('accept') ?? '');
  // Nobody reads the stream then, so nobody would end it.
  if (asEvents && context.req.method === 'HEAD') return new Response(null, { headers: EVENTS });
  const gone = context.req.raw.signal;
  using limits = new TimeLimits(gone);
  const until = (ms: number) => limits.after(ms);
  const waited = until(waitMs);
  const caller = callerOf(context, programs.proxies);
  await programs.whenFree(name, until(Math.max(waitMs, BRIEF_MS)), caller);
  const use = programs.read(name, caller);
  try {
    if (!(await use.program.hasName(until(SHARD_MS), waited))) {
      throw problemOf('NOT_SERVED', { reason: 'the shard of this name does not answer' }, { retry: RETRY_SECONDS });
    }
  } catch (error) {
    use[Symbol.dispose]();
    throw error;
  }
  if (asEvents) return eventStream(use, gone);
  return await lines(use, limit, waited, until);
}

async function lines(
  using: Use & { keep(): void },
  limit: number,
  waited: AbortSignal,
  until: (ms: number) => AbortSignal,
): Promise<Response> {
  using use = using;
  const { program } = use;
  const { inbox } = program;
  if (program.hasMoreWaiting) await program.until(() => inbox.size > 0, until(SHARD_MS));
  await program.until(() => inbox.size > 0, waited);
  for (let before = 0; inbox.size > before && inbox.size < limit; ) {
    before = inbox.size;
    const more = () => inbox.size >= limit || (inbox.size > before && program.hasMoreWaiting);
    await program.until(more, until(program.hasMoreWaiting ? GATHER_WAITING_MS : GATHER_MS));
  }
  if (program.whyEnded !== undefined) throw program.whyEnded;
  use.keep();
  inbox.rewind();
  const text: string[] = [];
  for (let next = inbox.next(); next !== undefined; next = inbox.next()) {
    text.push(`${next.text}\n`);
    if (text.length === limit) break;
  }
  return new Response(text.join(''), { headers: { 'content-type': 'application/x-ndjson' } });
}

/**
 * Acknowledges mail: `{"seq":41}` is for the message with this number and all before it.
 * @throws Problem if nobody reads the mail, or nothing up to this number was given out
 */
export async function acknowledge(context: Context, programs: HttpPrograms, maxBytes: number): Promise<Response> {
  const name = pathPart(context, 3);
  const { seq } = await bodyObject(context, maxBytes);
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) {
    throw problemOf('REQUEST_REFUSED', { problem: 'seq: must be the number of a message' });
  }
  const caller = callerOf(context, programs.proxies);
  return context.json({ seq, acknowledged: await programs.acknowledge(name, seq, caller) });
}
