/** The description of what an operator asks and does. Whoever may not is told so on every route but `/v1/reload`. */
import { CONNECTION_SORTS } from '../../broker/admin/admin-view.ts';
import type { HttpProblemCode } from '../../shared/codes/http-problems.ts';
import { ADMIN_SCHEMAS, LOG_LEVEL } from './admin-schemas.ts';
import { answer, flag, inPath, type Json, object, type Part, problems, query, ref, text, whole } from './part.ts';

/** The tag of these routes. */
const ADMIN_TAG = 'admin';
const MAX_ROWS = 1_000;

interface Asked {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
}

/** A route that only an operator may use. @param good the answers that are no problems */
function operation(
  operationId: string,
  asked: Asked,
  good: Readonly<Record<number, Json>>,
  ...codes: readonly HttpProblemCode[]
): Json {
  const refusals = problems('TOKEN_NEEDED', 'NOT_LOOPBACK', 'ORIGIN_REFUSED', ...codes);
  return {
    operationId,
    tags: [ADMIN_TAG],
    security: [{ adminToken: [] }, {}],
    ...asked,
    responses: { ...good, ...refusals },
  };
}

function json(description: string, schema: Json): Json {
  return answer(description, 'application/json', schema);
}

const NAME = inPath('name', 'The name');
const LIMIT = query('limit', 'The most rows of the answer', { default: 100, ...whole(1, MAX_ROWS) });
/** Whoever proves the name may use the routes of its mailbox, too. */
const OF_OWNER = ['PROOF_WRONG', 'PROOFS_LIMITED', 'PROOFS_BUSY'] as const;
const OF_MAIL = [
  'NAME_NOT_KNOWN',
  'SHARD_BUSY',
  'SHARD_DOWN',
  'MAIL_UNREADABLE',
  'MAIL_UNWRITABLE',
  ...OF_OWNER,
] as const;
const BY_OWNER = 'Its owner may do this, too: whoever proves the name, as for /v1/mail/{name}.';

const CONNECTIONS = [
  query('sort', 'The column', { enum: CONNECTION_SORTS, default: 'since' }),
  query('order', 'Upwards or downwards', { enum: ['asc', 'desc'], default: 'asc' }),
  LIMIT,
  query('offset', 'How many rows are left out', { default: 0, ...whole() }),
  query('name', 'How the name begins', text),
];

const NAMES = [
  query('prefix', 'How the name begins', text),
  query('state', 'Whether the name is here', { enum: ['here', 'away', 'any'], default: 'any' }),
  query('waiting', 'yes: only names with mail', { enum: ['yes', 'no'], default: 'no' }),
  LIMIT,
  query('after', 'What next of the answer before is', text),
];

export const ADMIN: Part = {
  paths: {
    '/v1/info': {
      get: operation('info', { summary: 'What the broker is' }, { 200: json('So it is', ref('Info')) }),
    },
    '/v1/connections': {
      get: operation(
        'connections',
        { summary: 'Who is connected', parameters: CONNECTIONS },
        { 200: json('These are', ref('Connections')) },
        'REQUEST_REFUSED',
      ),
    },
    '/v1/connections/{id}/kick': {
      post: operation(
        'kick',
        { summary: 'Ends a connection', parameters: [inPath('id', 'Its id', whole())] },
        { 202: json('It ends', object({ kicked: whole() })) },
        'REQUEST_REFUSED',
        'NO_CONNECTION',
      ),
    },
    '/v1/names': {
      get: operation(
        'names',
        { summary: 'Which names are known', parameters: NAMES },
        { 200: json('These are', ref('Names')) },
        'REQUEST_REFUSED',
        'SHARD_BUSY',
        'SHARD_DOWN',
      ),
    },
    '/v1/names/{name}/mail': {
      get: operation(
        'look',
        {
          summary: 'The mail that waits for a name',
          description: BY_OWNER,
          parameters: [NAME, LIMIT, query('after', 'The number behind which it begins', whole())],
        },
        { 200: json('This is it', ref('Mail')) },
        'REQUEST_REFUSED',
        ...OF_MAIL,
      ),
      delete: operation(
        'purge',
        { summary: 'Drops all mail that waits for a name', description: BY_OWNER, parameters: [NAME] },
        { 200: json('It is dropped, on disk too', object({ purged: whole(), more: flag })) },
        ...OF_MAIL,
      ),
    },
    '/v1/names/{name}/mail/{seq}': {
      delete: operation(
        'purgeOne',
        {
          summary: 'Drops one message that waits',
          description: BY_OWNER,
          parameters: [NAME, inPath('seq', 'Its number', whole())],
        },
        { 200: json('It is dropped, on disk too', object({ purged: { const: 1 } })) },
        'REQUEST_REFUSED',
        'NO_MESSAGE',
        ...OF_MAIL,
      ),
    },
    '/v1/shards': {
      get: operation('shards', { summary: 'How the shards do' }, { 200: json('So they do', ref('Shards')) }),
    },
    '/v1/history': {
      get: operation(
        'history',
        { summary: 'The last ten minutes' },
        { 200: json('A sample a second', ref('History')) },
      ),
    },
    '/v1/live': {
      get: operation(
        'listen',
        { summary: 'Each new sample, as it comes', description: 'The data of an event `sample` is a Sample.' },
        { 200: answer('The samples', 'text/event-stream', text) },
        'LISTENERS_FULL',
      ),
    },
    '/v1/backup': {
      post: operation(
        'backup',
        { summary: 'The store and the accounts as they are at one moment, for `restante backup`' },
        { 200: answer('The backup, as that command reads it', 'application/octet-stream', text) },
        'BACKUP_SECRET',
        'NO_STORE',
        'BACKUP_UNDER_WAY',
        'BROKER_STOPPING',
        'BACKUP_UNREADABLE',
      ),
    },
    '/v1/drain': {
      post: operation(
        'drain',
        { summary: 'Stops the broker in order' },
        { 202: json('It is stopping', object({ draining: { const: true } })) },
      ),
    },
    '/v1/log-level': {
      put: operation(
        'setLogLevel',
        {
          summary: 'Sets the level of the log until the next start',
          requestBody: { required: true, content: { 'application/json': { schema: object({ level: LOG_LEVEL }) } } },
        },
        { 200: json('It is set', object({ level: LOG_LEVEL })) },
        'REQUEST_REFUSED',
        'BODY_TOO_LARGE',
      ),
    },
    '/v1/reload': {
      post: {
        operationId: 'reload',
        tags: [ADMIN_TAG],
        summary: 'Reads the settings again, and takes all of them or none',
        responses: {
          200: json('They are taken', ref('Reloaded')),
          ...problems('NOT_LOCAL', 'BROKER_STOPPING', 'CONFIG_WRONG'),
        },
      },
    },
  },
  schemas: ADMIN_SCHEMAS,
};
