/** The description of the HTTP side (OpenAPI 3.1), put together from one part a room. */
import { ADMIN } from './admin.ts';
import { HEALTH } from './health.ts';
import { MESSAGES } from './messages.ts';
import { PAGE } from './page.ts';
import type { Part } from './part.ts';

/** The parts. Whoever adds routes adds theirs here: a test sees to it that each route and answer is described. */
const PARTS: readonly Part[] = [HEALTH, MESSAGES, ADMIN, PAGE];

const INFO = {
  title: 'Restante',
  version: '1',
  description: 'A message broker for named peers, without a client. Its WebSocket is at /v1/ws.',
};

/** The document that is served at `/v1/openapi.json`. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: INFO,
  paths: Object.assign({}, ...PARTS.map(({ paths }) => paths)) as Part['paths'],
  components: {
    securitySchemes: { adminToken: { type: 'http', scheme: 'bearer', description: 'The token of ADMIN_TOKEN' } },
    schemas: Object.assign({}, ...PARTS.map(({ schemas }) => schemas)) as Part['schemas'],
  },
};
