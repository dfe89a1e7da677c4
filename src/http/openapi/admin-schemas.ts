/** The schemas of what an operator is answered. Times are in milliseconds since 1970. */
import { LOG_LEVELS } from '../../shared/common/config.ts';
import { flag, type Json, list, object, ref, text, whole } from './part.ts';

export const LOG_LEVEL = { enum: LOG_LEVELS };

const rate = { type: 'number', minimum: 0 };

function orNull(schema: { readonly type: string }): Json {
  return { ...schema, type: [schema.type, 'null'] };
}

const time = { type: 'integer', minimum: 0 };

export const ADMIN_SCHEMAS: Readonly<Record<string, Json>> = {
  Info: object({
    version: text,
    node: text,
    startedAt: time,
    uptimeSeconds: whole(),
    shards: whole(1),
    connections: whole(),
    names: whole(),
    memory: object({ rssBytes: whole(), boundBytes: orNull(rate) }),
    listening: object({ host: text, port: whole(), http: orNull(text) }),
    dataDir: orNull(text),
    draining: flag,
    logLevel: LOG_LEVEL,
    limits: list(object({ limit: text, used: whole(), most: whole() })),
  }),
  Connections: object({ total: whole(), connections: list(ref('Connection')) }),
  Connection: object({
    id: whole(),
    name: orNull(text),
    peer: text,
    transport: { enum: ['tcp', 'tls', 'websocket', 'http'] },
    speaks: { enum: ['plain', 'program', 'acknowledging'] },
    standing: { enum: ['unnamed', 'authenticating', 'asked', 'receiving', 'waiting', 'send-only', 'refused'] },
    since: time,
    waitingMessages: whole(),
    waitingBytes: whole(),
    unacknowledgedMessages: whole(),
    readBytes: whole(),
    writtenBytes: whole(),
  }),
  Names: object({ names: list(ref('Name')), more: flag, next: orNull(text) }),
  Name: object({
    name: text,
    state: { enum: ['here', 'away'] },
    waitingMessages: whole(),
    waitingBytes: whole(),
    oldestSeconds: whole(),
  }),
  Mail: object({ name: text, messages: list(ref('WaitingMessage')), more: flag, inHands: whole() }),
  WaitingMessage: object(
    { seq: whole(), from: text, at: time, bytes: whole(), durable: flag, text },
    { expires: time, cut: { const: true } },
  ),
  Shards: list(ref('Shard')),
  Shard: object({
    shard: whole(),
    up: flag,
    restarts: whole(),
    lastRestartAt: orNull(time),
    receivedPerSecond: rate,
    deliveredPerSecond: rate,
    heldMessages: whole(),
    heldBytes: whole(),
    names: whole(),
    memoryBytes: whole(),
    threadBytes: whole(),
    loopDelayMs: rate,
  }),
  Sample: object({ at: time, connections: whole(), rssBytes: whole(), shards: ref('Shards') }),
  History: object({ everySeconds: rate, samples: list(ref('Sample')) }),
  Reloaded: object({ changed: list(text), needsRestart: list(text) }),
  SettingProblem: object({ text }, { file: text, place: object({ line: whole(1), column: whole(1) }) }),
};
