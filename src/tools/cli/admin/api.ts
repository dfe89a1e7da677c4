/** The admin API of a broker that runs. */
import { TimeLimits } from '../../../shared/common/deadline.ts';
import { EXIT_BAD_SETTING, messageOf, StartError } from '../../../shared/common/errors.ts';

/** Where a broker on this machine has it. */
export const DEFAULT_HTTP_URL = 'http://127.0.0.1:8081';
/** How long an answer may take. The broker itself gives up earlier. */
const ANSWER_MS = 15_000;
/** What to do about a code. */
const ADVICE: Readonly<Record<string, string>> = {
  TOKEN_NEEDED: 'give it with --token, or in RESTANTE_ADMIN_TOKEN',
  NOT_LOOPBACK: 'set ADMIN_TOKEN for the broker, or run this on its machine',
};

/** A broker has not done what it was asked, or is not there. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.code = code;
  }
}

const NO_USER = 'the address must have no user and no password: give the token with --token';
/** The code of a broker that is not there. */
const UNREACHABLE = 'UNREACHABLE';
/** The code of an answer without its end. */
const BROKEN_OFF = 'BROKEN_OFF';

export class AdminApi {
  readonly url: string;
  readonly #token: string | undefined;
  readonly #stop: AbortSignal | undefined;

  /**
   * @param stop breaks off what is asked
   * @throws StartError if the address has a user or a password
   */
  constructor(url: string, token: string | undefined, stop?: AbortSignal) {
    // It is shown in every error.
    if (url.includes('@')) throw new StartError(NO_USER, EXIT_BAD_SETTING);
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#stop = stop;
  }

  /**
   * Asks for a path below `/v1`. The caller knows the form of the answer (docs/HTTP.md).
   * @throws ApiError if the broker does not do it, or is not there; the reason of `stop`
   */
  async ask<Answer>(path: string, method = 'GET'): Promise<Answer> {
    using limits = new TimeLimits();
    const answer = await this.#fetched(path, method, limits.after(ANSWER_MS));
    return (await answer.json().catch(() => ({}))) as Answer;
  }

  /**
   * Asks for an answer of any length.
   * @throws ApiError if the broker does not begin to answer; the bytes throw it if they do not come to an end
   */
  async bytes(path: string, method: string): Promise<AsyncIterable<Uint8Array>> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error('no answer')), ANSWER_MS);
    try {
      const { body } = await this.#fetched(path, method, late.signal);
      return this.#toTheEnd(body ?? ReadableStream.from<Uint8Array>([]));
    } finally {
      clearTimeout(timer);
    }
  }

  async *#toTheEnd(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      this.#stop?.throwIfAborted();
      const message = `the broker at ${this.url} has broken off its answer: it is stopping, or not reached any more`;
      throw new ApiError(BROKEN_OFF, message, { cause: error });
    }
  }

  /** @throws ApiError if the broker does not do it, or does not answer; the reason of `stop` */
  async #fetched(path: string, method: string, late: AbortSignal): Promise<Response> {
    const answer = await this.#answered(`${this.url}/v1${path}`, method, late);
    if (answer.ok) return answer;
    const body = (await answer.json().catch(() => ({}))) as { readonly code?: unknown; readonly detail?: unknown };
    const code = typeof body.code === 'string' ? body.code : `HTTP_${answer.status}`;
    const said = typeof body.detail === 'string' ? body.detail : `${this.url} answered ${answer.status}`;
    const advice = ADVICE[code];
    throw new ApiError(code, advice === undefined ? said : `${said}: ${advice}`);
  }

  async #answered(url: string, method: string, late: AbortSignal): Promise<Response> {
    const signals = [late, ...(this.#stop === undefined ? [] : [this.#stop])];
    const headers = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    try {
      return await fetch(url, { method, headers, signal: AbortSignal.any(signals) });
    } catch (error) {
      this.#stop?.throwIfAborted();
      // The reason of a failed fetch is its cause.
      const why = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
      const todo = 'start a broker with "restante serve", or name the address of its HTTP with --url';
      throw new ApiError(UNREACHABLE, `${why || 'no answer'}: no broker answers at ${this.url}: ${todo}`, {
        cause: error,
      });
    }
  }
}
