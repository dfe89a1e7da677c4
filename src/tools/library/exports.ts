/** What every entry exports, but for `connect`. */
export type { Client, FollowOptions, RequestOptions } from './client.ts';
export type { DrainOptions } from './core/core.ts';
export type { NameInfo } from './core/questions.ts';
export type { Message } from './core/receiving/message.ts';
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
export type { ConnectOptions, Limits, Notice, ReceiptNotice, Reconnect, Timeouts, TlsOptions } from './options.ts';
export type { WaitOptions } from './waits/pending.ts';
