/**
 * The errors of the client. Each has a stable `code`. A code that the broker said is the broker's own, from its
 * catalogue; the others are written here.
 */

/** Every error of this library. */
export class RestanteError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RestanteError';
    this.code = code;
  }
}

/** A call that cannot be right, whatever the broker does: `WRONG_USE`. */
export class UsageError extends RestanteError {
  override readonly name = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super('WRONG_USE', message, options);
  }
}

/** A queue of the client is full: `QUEUE_FULL`. Nothing of the call was done. */
export class LimitError extends RestanteError {
  override readonly name = 'LimitError';
  /** Which limit, as in `limits` of the options. */
  readonly limit: string;

  constructor(limit: string, max: number) {
    super('QUEUE_FULL', `${limit} is reached: ${max}`);
    this.limit = limit;
  }
}

type ClosedCode = 'CLOSED' | 'DRAINING';

/** The client was closed, or it is draining: `CLOSED`, `DRAINING`. */
export class ClosedError extends RestanteError {
  override readonly name = 'ClosedError';

  constructor(code: ClosedCode, options?: ErrorOptions) {
    super(code, `the client is ${code.toLowerCase()}`, options);
  }
}

/** Something took longer than its limit: `TIMEOUT`. */
export class TimeoutError extends RestanteError {
  override readonly name = 'TimeoutError';

  constructor(message: string, options?: ErrorOptions) {
    super('TIMEOUT', message, options);
  }
}

/**
 * The connection was lost, or could not be made: `CONNECTION_LOST`, `SILENT`, `OPEN_TIMEOUT`, `PROTOCOL`. After
 * `CERTIFICATE_REFUSED`, `NO_TLS` and `NO_TRANSPORT` no other attempt is made. On a `send` it means that nobody knows
 * what became of the message.
 */
export class ConnectionError extends RestanteError {
  override readonly name = 'ConnectionError';
}

/** The broker ended the session. The code is the broker's. */
export class ByeError extends RestanteError {
  override readonly name = 'ByeError';
  /** The seconds after which the broker wants to be asked again; undefined if it did not say. */
  readonly retrySeconds: number | undefined;

  constructor(code: string, message: string, retrySeconds: number | undefined) {
    super(code, message);
    this.retrySeconds = retrySeconds;
  }
}

/** The broker did not take a message, or refused a question. The code is the broker's, such as `unknown` or `full`. */
export class RefusedError extends RestanteError {
  override readonly name = 'RefusedError';
  readonly id: string | undefined;
  /** What became of the message for each name. It may have been taken for some of them. */
  readonly to: Readonly<Record<string, string>>;

  constructor(code: string, message: string, id: string | undefined, to: Readonly<Record<string, string>> = {}) {
    super(code, message);
    this.id = id;
    this.to = to;
  }
}

/** A message was taken, and then not worked off. The code is the receipt's: `rejected`, `expired` or `purged`. */
export class ReceiptError extends RestanteError {
  override readonly name = 'ReceiptError';
  /** For whom. */
  readonly recipient: string;

  constructor(state: string, id: string, recipient: string) {
    super(state, `message ${id} for ${recipient} is ${state}`);
    this.recipient = recipient;
  }
}
