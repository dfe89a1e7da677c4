/** Asks the HTTP of a broker on this machine, with TLS or without. */
import { request } from 'node:http';
import { request as requestSecurely } from 'node:https';
import { json } from 'node:stream/consumers';

/** An answer of HTTP. `body` is undefined if it is no JSON. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks. The certificate is not looked at: it may be for another name, and nothing is said that is secret.
 * @param url its scheme says whether there is TLS
 * @param timeoutMs how long everything may take, in milliseconds
 * @throws Error if nothing answers
 */
export function askHere(url: string, method: 'GET' | 'POST', timeoutMs: number): Promise<Answer> {
  const options = { method, signal: AbortSignal.timeout(timeoutMs), agent: false, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? requestSecurely : request;
    ask(url, options, (answer) => {
      const { statusCode: status = 0 } = answer;
      json(answer).then(
        (body) => resolve({ status, body }),
        () => resolve({ status, body: undefined }),
      );
    })
      .once('error', reject)
      .end();
  });
}

/** The address of the HTTP of a broker. */
export function httpUrl(host: string, port: number, secure: boolean): string {
  return `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
