/** The description of messages over HTTP. */
import { answer, flag, inPath, object, type Part, problems, query, ref, text, whole } from './part.ts';

const SEND_OPTIONS = [
  query('from', 'The name of the sender; without one it is a random name', text),
  query('id', 'A repeat under the same id and name is taken once; without one it is a random id', text),
  query('re', 'The id of a message that this one answers', text),
  query('durable', 'Whether the message must be on disk before it is accepted', flag),
  query('ttl', 'Seconds after which it need not be delivered any more', whole(1, 2 ** 31)),
];

const MAIL_OPTIONS = [
  query('wait', 'Seconds to wait for the name, and for a first message', whole(0, 50)),
  query('limit', 'The most messages of the answer', whole(1, 1_000)),
];

export const MESSAGES: Part = {
  paths: {
    '/v1/send/{names}': {
      post: {
        operationId: 'send',
        summary: 'Sends a message',
        description: 'Each option may be a header of the same name, too.',
        parameters: [inPath('names', 'Names, with commas between them'), ...SEND_OPTIONS],
        requestBody: {
          required: true,
          content: { 'text/plain': { schema: text }, 'application/json': { schema: {} } },
        },
        responses: {
          202: answer('At least one recipient has it, or will have it', 'application/json', ref('Accepted')),
          ...problems(
            ...(['REQUEST_REFUSED', 'NO_RECIPIENT', 'NAME_TAKEN', 'BODY_TOO_LARGE', 'MESSAGE_TOO_LARGE'] as const),
            ...(['PROOF_NEEDED', 'PROOF_WRONG', 'ALL_FORBIDDEN', 'PROOFS_LIMITED', 'PROOFS_BUSY'] as const),
            ...(['TOO_MANY', 'SEND_PAUSED', 'OUTCOME_UNKNOWN', 'NOT_SERVED', 'ALL_FULL', 'NOT_STORED'] as const),
          ),
        },
      },
    },
    '/v1/mail/{name}': {
      get: {
        operationId: 'mail',
        summary: 'The mail of a name, which stays until it is acknowledged',
        parameters: [inPath('name', 'The name'), ...MAIL_OPTIONS],
        responses: {
          200: {
            description: 'The oldest messages: an object a line, or an event each',
            content: {
              'application/x-ndjson': { schema: ref('Message') },
              'text/event-stream': { schema: text },
            },
          },
          ...problems(
            ...(['REQUEST_REFUSED', 'NAME_TAKEN', 'MAIL_IN_USE', 'TOO_MANY', 'NOT_SERVED'] as const),
            ...(['PROOF_NEEDED', 'PROOF_WRONG', 'PROOFS_LIMITED', 'PROOFS_BUSY'] as const),
          ),
        },
      },
    },
    '/v1/mail/{name}/ack': {
      post: {
        operationId: 'acknowledge',
        summary: 'Acknowledges the message with a number, and all before it',
        parameters: [inPath('name', 'The name')],
        requestBody: { required: true, content: { 'application/json': { schema: ref('Ack') } } },
        responses: {
          200: answer('They are done with', 'application/json', ref('Acknowledged')),
          ...problems(
            ...(['REQUEST_REFUSED', 'NO_READER', 'SEQ_NOT_GIVEN', 'BODY_TOO_LARGE'] as const),
            ...(['PROOF_NEEDED', 'PROOF_WRONG', 'PROOFS_LIMITED', 'PROOFS_BUSY'] as const),
          ),
        },
      },
    },
  },
  schemas: {
    States: {
      type: 'object',
      additionalProperties: { enum: ['taken', 'held', 'unknown', 'full', 'unstored', 'forbidden'] },
    },
    Accepted: object({ type: { const: 'accepted' }, id: text, to: ref('States'), duplicate: flag }),
    Message: object(
      { type: { const: 'message' }, seq: whole(1), from: text, body: {} },
      {
        id: text,
        re: text,
        time: { description: 'Milliseconds since 1970', ...whole() },
        expires: { description: 'Seconds since 1970', ...whole() },
        held: { const: true },
        redelivered: { const: true },
        receipt: { const: true },
        durable: { const: true },
      },
    ),
    Ack: { type: 'object', required: ['seq'], properties: { seq: whole(0) } },
    Acknowledged: object({ seq: whole(), acknowledged: whole() }),
  },
};
