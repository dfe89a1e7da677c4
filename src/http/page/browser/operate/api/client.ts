/** Asks the broker. Who may not ask is told so at one place, whatever was asked. */
import { Store } from '../../parts/store.ts';
import { currentToken, keepToken } from './token.ts';

/** Whether the broker answers this page. */
export type Access =
  | { readonly state: 'allowed' }
  | { readonly state: 'token needed'; readonly wasWrong: boolean }
  | { readonly state: 'refused'; readonly text: string };

const ALLOWED: Access = { state: 'allowed' };
/** Whether it did at last. */
export const access = new Store<Access>(ALLOWED);

/** What a header can carry: other tokens are wrong in any case. */
const SENDABLE = /^[\x21-\x7e]+$/;
const UNREACHABLE = 'The broker does not answer.';

/** An answer that says why something was not done. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Question {
  readonly method?: Method;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks, and reads the answer.
 * @throws Refused if it says no, or is none
 */
export async function ask<T>(path: string, question: Question = {}): Promise<T> {
  return (await (await open(path, question)).json()) as T;
}

/**
 * Asks, and leaves it to the caller to read the answer.
 * @throws Refused
 */
export async function open(path: string, { method = 'GET', body, signal }: Question = {}): Promise<Response> {
  const token = currentToken();
  const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(path, {
    method,
    headers,
    cache: 'no-store',
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  }).catch((error: unknown) => {
    throw signal?.aborted === true ? error : new Refused('UNREACHABLE', UNREACHABLE);
  });
  if (response.ok) {
    access.set(ALLOWED);
    return response;
  }
  throw noted(await refusalOf(response), token);
}

/** Keeps a token if the broker takes it. */
export async function giveToken(token: string): Promise<void> {
  if (!SENDABLE.test(token)) {
    access.set({ state: 'token needed', wasWrong: true });
    return;
  }
  keepToken(token);
  await ask('/v1/info');
}

/** Tells the page what a refusal means for it. @param token the one that was sent */
function noted(refusal: Refused, token: string | undefined): Refused {
  if (refusal.code === 'TOKEN_NEEDED') {
    // A later answer to an earlier question says nothing of the token that was given since.
    if (token === currentToken()) {
      const wasWrong = token !== undefined || (access.value.state === 'token needed' && access.value.wasWrong);
      keepToken(undefined);
      access.set({ state: 'token needed', wasWrong });
    }
  } else if (refusal.code === 'NOT_LOOPBACK') {
    access.set({ state: 'refused', text: refusal.message });
  }
  return refusal;
}

async function refusalOf(response: Response): Promise<Refused> {
  try {
    const { code, detail } = (await response.json()) as { code?: string; detail?: string };
    return new Refused(code ?? String(response.status), detail ?? response.statusText);
  } catch {
    return new Refused(String(response.status), `The broker answers ${response.status} ${response.statusText}`);
  }
}
