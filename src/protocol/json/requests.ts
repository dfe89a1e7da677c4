/** Reads what a program says: one JSON object a line. Keys that are not known are ignored. */
import { messageOf } from '../../shared/common/errors.ts';

/** The longest id of a message or a question, in bytes. */
export const MAX_ID_BYTES = 128;
/** The most unacknowledged messages that a program may ask for. */
export const MAX_WINDOW_MESSAGES = 10_000;
/** The longest time that a program may give a message. It is never held longer than HOLD_SECONDS. */
const MAX_TTL_SECONDS = 2 ** 31;
/** The window where a program asks for none. */
const DEFAULT_WINDOW_MESSAGES = 256;

export interface Hello {
  readonly type: 'hello';
  /** Undefined where a program only sends. */
  readonly name: string | undefined;
  /** A token or a password, which proves the name. */
  readonly proof: string | undefined;
  /** Whether the program acknowledges what it gets. */
  readonly ack: boolean;
  /** How many messages may be unacknowledged at a time. */
  readonly window: number;
}

/** What a message has beside its body: raw-values.ts finds that. */
export interface Send {
  readonly type: 'send';
  readonly to: readonly string[];
  readonly id: string | undefined;
  readonly re: string | undefined;
  /** Whether it must be on disk before it is accepted. */
  readonly durable: boolean;
  /** Whether the program is told when the message is done with. */
  readonly receipt: boolean;
  /** After so many seconds it need not be delivered any more. Undefined if it need. */
  readonly ttl: number | undefined;
}

const BRACE = 0x7b;
/** What is wrong with a first line of another type. */
export const NOT_HELLO = 'type: the first must be "hello"';

/** A request of a program. */
export type ProgramRequest =
  | Hello
  | Send
  | { readonly type: 'ack' | 'reject'; readonly seq: number }
  | { readonly type: 'who'; readonly id: string; readonly names: readonly string[] }
  | { readonly type: 'watch' | 'unwatch'; readonly id: string | undefined; readonly names: readonly string[] }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' };

/** A line that is no request. Its message says where it is wrong, and why. */
export class BadRequest extends Error {
  /** The id that the request gave itself, so that the program can tell which one it was. */
  readonly id: string | undefined;

  constructor(message: string, id?: string) {
    super(message);
    this.name = 'BadRequest';
    this.id = id;
  }
}

/** What is wrong with a first line, without any part of it: it may have a secret in it. */
export function problemOfHello({ message }: BadRequest): string {
  return message
    .replace(/^type: ".*" is not known$/s, NOT_HELLO)
    .replace(/,? ?(\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, '');
}

/** Whether a line is the hello of a program, though perhaps not a valid one. */
export function isHello(line: Buffer): boolean {
  try {
    return line[0] === BRACE && parsed(line.toString()).type === 'hello';
  } catch {
    return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param maxNames the most names of one message
 * @throws BadRequest if the line is none
 */
export function readRequest(line: string, maxNames: number): ProgramRequest {
  const fields = parsed(line);
  const type = fields.type;
  switch (type) {
    case 'send':
      return readSend(fields, maxNames);
    case 'ack':
    case 'reject':
      return { type, seq: whole(fields, 'seq', 0, Number.MAX_SAFE_INTEGER) };
    case 'who': {
      const asked = idOf(fields, 'id');
      if (asked === undefined) throw new BadRequest('id: none');
      return { type, id: asked, names: namesOf(fields, 'names', maxNames) };
    }
    case 'watch':
    case 'unwatch':
      return { type, id: idOf(fields, 'id'), names: namesOf(fields, 'names', maxNames) };
    case 'hello':
      return readHello(fields);
    case 'ping':
    case 'pong':
      return { type };
    default:
      throw new BadRequest(
        typeof type === 'string' ? `type: ${JSON.stringify(type)} is not known` : 'type: none',
        idIn(fields),
      );
  }
}

function parsed(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new BadRequest(`no JSON: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadRequest('no JSON object');
  return value as Fields;
}

function readHello(fields: Fields): Hello {
  if (fields.v !== 1) throw new BadRequest('v: must be 1, the version of the protocol');
  const hasWindow = fields.window !== undefined;
  return {
    type: 'hello',
    name: optionalText(fields, 'name'),
    proof: proofOf(fields),
    ack: flag(fields, 'ack', true),
    window: hasWindow ? whole(fields, 'window', 1, MAX_WINDOW_MESSAGES) : DEFAULT_WINDOW_MESSAGES,
  };
}

function proofOf(fields: Fields): string | undefined {
  const token = optionalText(fields, 'token');
  const password = optionalText(fields, 'password');
  if (token !== undefined && password !== undefined) throw new BadRequest('password: there is a "token" already');
  return token ?? password;
}

function readSend(fields: Fields, maxNames: number): Send {
  const id = idOf(fields, 'id');
  const to = namesOf(fields, 'to', maxNames);
  if (fields.body === undefined) throw new BadRequest('body: none', id);
  const receipt = flag(fields, 'receipt', false);
  if (receipt && id === undefined) throw new BadRequest('id: none, and a receipt needs one');
  const durable = flag(fields, 'durable', false);
  const ttl = fields.ttl === undefined ? undefined : whole(fields, 'ttl', 1, MAX_TTL_SECONDS);
  return { type: 'send', to, id, re: idOf(fields, 're'), durable, receipt, ttl };
}

function namesOf(fields: Fields, key: string, maxNames: number): readonly string[] {
  const value = fields[key];
  const names: unknown[] = Array.isArray(value) ? value : [value];
  const id = idIn(fields);
  if (names.length === 0) throw new BadRequest(`${key}: must have a name`, id);
  if (names.length > maxNames) throw new BadRequest(`${key}: more than ${maxNames} names`, id);
  if (!names.every((name) => typeof name === 'string')) {
    throw new BadRequest(`${key}: must be a name, or an array of names`, id);
  }
  return names;
}

/** The id of a request, before it is known to be a valid one. */
function idIn({ id }: Fields): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

function idOf(fields: Fields, key: string): string | undefined {
  const id = optionalText(fields, key);
  if (id === undefined || Buffer.byteLength(id) <= MAX_ID_BYTES) return id;
  throw new BadRequest(`${key}: longer than ${MAX_ID_BYTES} bytes`, key === 'id' ? undefined : idIn(fields));
}

function optionalText(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRequest(`${key}: must be a text`, idIn(fields));
}

function flag(fields: Fields, key: string, otherwise: boolean): boolean {
  const value = fields[key] ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw new BadRequest(`${key}: must be true or false`, idIn(fields));
}

function whole(fields: Fields, key: string, least: number, most: number): number {
  const value = fields[key];
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw new BadRequest(`${key}: must be a whole number from ${least} to ${most}`, idIn(fields));
}
