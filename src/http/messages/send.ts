/** `POST /v1/send/NAME[,NAME]`: the body is a message. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { type Problem, problemOf } from '../problems.ts';
import { bodyAsJson, callerOf, flagOption, option, pathPart, wholeOption } from '../requests/parts.ts';
import type { Accepted } from './http-program.ts';
import type { HttpPrograms } from './http-programs.ts';

/** How long a send may take: to get its name, to be taken, and to be stored. */
const ANSWER_MS = 10_000;
/** The longest id, as for every program. */
const MAX_ID_BYTES = 128;
const MAX_TTL_SECONDS = 2 ** 31;

/**
 * Sends the message of a request.
 * @param maxLineBytes the longest line of a program
 * @throws Problem if no recipient has it, or that is not known
 */
export async function send(context: Context, programs: HttpPrograms, maxLineBytes: number): Promise<Response> {
  const from = option(context, 'from');
  const { id, line } = await messageOf(context, maxLineBytes);
  if (Buffer.byteLength(line) > maxLineBytes) throw problemOf('MESSAGE_TOO_LARGE', { maxBytes: maxLineBytes });
  const signal = AbortSignal.timeout(ANSWER_MS);
  using use = programs.send(from, callerOf(context, programs.proxies));
  if (!(await use.program.hasName(signal))) throw problemOf('OUTCOME_UNKNOWN', {});
  const accepted = await use.program.send(id, line, signal);
  const states = Object.values(accepted.to);
  if (states.some((state) => state === 'taken' || state === 'held')) return context.json(accepted, 202);
  throw refusalOf(accepted);
}

/** The message of a request, in the protocol of programs. */
async function messageOf(context: Context, maxBytes: number): Promise<{ readonly id: string; readonly line: string }> {
  const id = option(context, 'id') ?? randomUUID();
  const re = option(context, 're');
  for (const [key, text] of Object.entries({ id, re })) {
    if (text !== undefined && Buffer.byteLength(text) > MAX_ID_BYTES) {
      throw problemOf('REQUEST_REFUSED', { problem: `${key}: longer than ${MAX_ID_BYTES} bytes` });
    }
  }
  const to = pathPart(context, 3).split(',');
  const durable = flagOption(context, 'durable');
  const ttl = wholeOption(context, 'ttl', 1, MAX_TTL_SECONDS);
  const head = JSON.stringify({ type: 'send', id, to, re, durable, ttl });
  return { id, line: `${head.slice(0, -1)},"body":${await bodyAsJson(context, maxBytes)}}` };
}

/** Why no recipient has a message: what may be over the soonest counts. */
function refusalOf({ id, to }: Accepted): Problem {
  const states = Object.values(to);
  const more = { id, to };
  if (states.every((state) => state === 'forbidden')) return problemOf('ALL_FORBIDDEN', {}, more);
  if (states.includes('full')) return problemOf('ALL_FULL', {}, more);
  if (states.includes('unstored')) return problemOf('NOT_STORED', {}, more);
  return problemOf('NO_RECIPIENT', {}, more);
}
