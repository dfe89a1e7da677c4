/** The description of the HTTP side (OpenAPI 3.1), put together from one part a room. */
import { HEALTH } from './health.ts';
import { MESSAGES } from './messages.ts';
import type { Part } from './part.ts';

/** The parts. Whoever adds routes adds theirs here: a test sees to it that every answer is described. */
const PARTS: readonly Part[] = [HEALTH, MESSAGES];

const INFO = { title: 'Restante', version: '1', description: 'A message broker for named peers, without a client.' };

/** The document that is served at `/v1/openapi.json`. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: INFO,
  paths: Object.assign({}, ...PARTS.map(({ paths }) => paths)) as Part['paths'],
  components: { schemas: Object.assign({}, ...PARTS.map(({ schemas }) => schemas)) as Part['schemas'] },
};
