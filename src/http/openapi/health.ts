/** The description of what the operator asks for, and of the description itself. */
import { answer, list, object, type Part, problems, ref, text, whole } from './part.ts';

const CHECKS = ['listener', 'connections', 'store', 'shards'];

export const HEALTH: Part = {
  paths: {
    '/livez': {
      get: {
        operationId: 'live',
        summary: 'Whether the process lives',
        responses: { 200: answer('It does', 'application/json', ref('Alive')), ...problems() },
      },
    },
    '/readyz': {
      get: {
        operationId: 'ready',
        summary: 'Whether peers are served',
        responses: { 200: answer('They are', 'application/json', ref('Ready')), ...problems('NOT_READY') },
      },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        summary: 'The figures of the broker, for Prometheus',
        responses: { 200: answer('The figures', 'text/plain', { type: 'string' }), ...problems() },
      },
    },
    '/v1/openapi.json': {
      get: {
        operationId: 'openapi',
        summary: 'This description',
        responses: { 200: answer('OpenAPI 3.1', 'application/json', { type: 'object' }), ...problems() },
      },
    },
  },
  schemas: {
    Alive: { type: 'object', required: ['status'], properties: { status: { const: 'alive' } } },
    Ready: {
      type: 'object',
      required: ['status', 'checks'],
      properties: { status: { const: 'ready' }, checks: ref('Checks') },
    },
    Checks: {
      type: 'object',
      required: CHECKS,
      properties: Object.fromEntries(CHECKS.map((check) => [check, { type: 'string' }])),
    },
    Problem: {
      description: 'Problem details (RFC 9457)',
      ...object(
        {
          type: { const: 'about:blank' },
          title: text,
          status: whole(),
          code: { type: 'string', pattern: '^[A-Z]+(_[A-Z0-9]+)*$' },
          detail: text,
        },
        {
          retry: { description: 'Seconds after which it makes sense to try again', ...whole() },
          checks: ref('Checks'),
          id: text,
          to: ref('States'),
          problems: { description: 'What is wrong with the settings', ...list(ref('SettingProblem')) },
        },
      ),
    },
  },
};
