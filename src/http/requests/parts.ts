/** What a request says: names in its path, options in its query or its headers, and its body. */
import { TLSSocket } from 'node:tls';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { clientOf, type Proxies } from '../../transport/proxy/forwarded-for.ts';
import { securePeer } from '../../transport/secure/secure-peer.ts';
import * as sockets from '../../transport/socket.ts';
import type { Peer } from '../../transport/transport.ts';
import { Problem, problemOf } from '../problems.ts';

const DECODER = new TextDecoder('utf-8', { fatal: true });
const LINE_ENDS = /[\r\n]/g;

/**
 * The part of the path at a place, decoded.
 * @throws Problem if its escapes are no UTF-8
 */
export function pathPart(context: Context, place: number): string {
  const part = new URL(context.req.url).pathname.split('/')[place] ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    throw problemOf('REQUEST_REFUSED', { problem: 'the name in the path is no UTF-8 with percent signs' });
  }
}

/**
 * An option: of the query, or else of a header.
 * @throws Problem if the header is no UTF-8
 */
export function option(context: Context, key: string): string | undefined {
  const asked = context.req.query(key);
  if (asked !== undefined) return asked;
  const header = context.req.header(key);
  // Node gives each byte of a header as a character.
  return header === undefined ? undefined : utf8(Buffer.from(header, 'latin1'), `the header ${key}`);
}

/**
 * An option that is a whole number.
 * @throws Problem if it is no number from `least` to `most`
 */
export function wholeOption(context: Context, key: string, least: number, most: number): number | undefined {
  const text = option(context, key);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw problemOf('REQUEST_REFUSED', { problem: `${key}: must be a whole number from ${least} to ${most}` });
}

/**
 * An option that is `true` or `false`.
 * @throws Problem if it is neither
 */
export function flagOption(context: Context, key: string): boolean {
  const text = option(context, key) ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw problemOf('REQUEST_REFUSED', { problem: `${key}: must be true or false` });
}

/**
 * The body as JSON: what it is where its type says so, and otherwise its text.
 * @returns JSON in one line, with every digit of the body
 * @throws Problem if it is too long, no UTF-8, or no JSON
 */
export async function bodyAsJson(context: Context, maxBytes: number): Promise<string> {
  const text = utf8(await bodyOf(context, maxBytes), 'the body');
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return JSON.stringify(text);
  parsedBody(text);
  // A line end in JSON is white space, because in a text it must be escaped.
  return text.replace(LINE_ENDS, ' ');
}

/**
 * The body as an object of JSON, whatever its type.
 * @throws Problem if it is none
 */
export async function bodyObject(context: Context, maxBytes: number): Promise<Readonly<Record<string, unknown>>> {
  const value = parsedBody(utf8(await bodyOf(context, maxBytes), 'the body'));
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw problemOf('REQUEST_REFUSED', { problem: 'the body must be a JSON object' });
}

/**
 * The body, whether it said its length or comes in chunks.
 * @throws Problem if it is longer than `maxBytes`, or not whole
 */
async function bodyOf(context: Context, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of context.req.raw.body ?? []) {
      bytes += part.length;
      if (bytes > maxBytes) throw problemOf('BODY_TOO_LARGE', { maxBytes });
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The client has gone, or its chunks are none. That is no fault of the broker.
    throw problemOf('REQUEST_REFUSED', { problem: 'the body is not whole' });
  }
  return Buffer.concat(parts);
}

function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problemOf('REQUEST_REFUSED', { problem: 'the body is no JSON' });
  }
}

function utf8(bytes: Uint8Array, what: string): string {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw problemOf('REQUEST_REFUSED', { problem: `${what} is no UTF-8` });
  }
}

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
const BASIC = /^Basic +([\w+/=-]+) *$/i;

/** Who a request is from, also by way of a proxy, and what it has said to prove its name. */
export function callerOf(
  context: Context,
  proxies: Proxies,
): { readonly peer: Peer; readonly token: string | undefined } {
  return {
    peer: clientOf(peerOf(context), context.req.header('x-forwarded-for'), proxies),
    token: proofIn(context.req.header('authorization') ?? ''),
  };
}

/** @returns the token of a header `Authorization`; undefined if it has none */
export function bearerIn(authorization = ''): string | undefined {
  return BEARER.exec(authorization)?.[1];
}

/** A token as `Bearer`, or the password of `Basic`. The user of the latter is not looked at: the path has the name. */
function proofIn(authorization: string): string | undefined {
  const basic = BASIC.exec(authorization)?.[1];
  if (basic === undefined) return bearerIn(authorization);
  const text = Buffer.from(basic, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}

/** The client, as the peer of a session. It has no port: its socket is not one of the broker's own protocol. */
function peerOf(context: Context): Peer {
  const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
  const socket = incoming?.socket;
  if (socket === undefined) return { address: undefined, port: undefined, text: 'http', secure: false };
  const peer = socket instanceof TLSSocket ? securePeer(socket, sockets.peerOf(socket)) : sockets.peerOf(socket);
  return { ...peer, port: undefined, text: `http ${peer.text}` };
}
