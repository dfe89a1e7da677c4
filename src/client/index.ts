/**
 * The client library. What it is made of, in the order of a message that is sent:
 *
 * - `connect.ts` puts a client together, and `client.ts` is what the application has.
 * - `core/core.ts` is the client without its connection: `core/sending/outbox.ts` keeps what is not accepted.
 * - `core/link/link.ts` makes one connection after another, and says what the parts have to say.
 * - `transport` carries lines.
 * - `core/receiving/inbox.ts` has what comes back, and `core/receiving/places.ts` knows what of it is worked off.
 * - `waits` has promises with a time limit, iterators and the clock.
 */
export type { Client, FollowOptions, RequestOptions } from './client.ts';
export { connect } from './connect.ts';
export type { DrainOptions } from './core/core.ts';
export type { Message } from './core/receiving/message.ts';
export type { NameInfo } from './core/requests.ts';
export type { SendOptions, Sent, Taken } from './core/sending/sending.ts';
export type { Status } from './core/statuses.ts';
export type { Presence } from './core/watches.ts';
export {
  ByeError,
  ClosedError,
  ConnectionError,
  LimitError,
  ReceiptError,
  RefusedError,
  RestanteError,
  TimeoutError,
  UsageError,
} from './errors.ts';
export type { ConnectOptions, Limits, Notice, Reconnect, Timeouts, TlsOptions } from './options.ts';
export type { WaitOptions } from './waits/pending.ts';
