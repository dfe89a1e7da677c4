/** The admin API of a broker in this process. */
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';

/** An answer: its status, and its body as JSON. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects in it
  readonly body: any;
}

/** Asks the broker. */
export type Ask = (path: string, init?: RequestInit) => Promise<Answer>;

/** Starts a broker with HTTP. */
export async function startAsked(
  settings: Parameters<typeof startBroker>[0] = {},
  log?: Parameters<typeof startBroker>[1],
) {
  const broker = await startBroker({ HTTP_PORT: 0, ...settings }, log);
  return { broker, ask: asking(broker), [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

function asking({ broker }: TestBroker): Ask {
  return async (path, init) => {
    const answer = await fetch(`${broker.httpUrl}${path}`, init);
    return { status: answer.status, body: await answer.json() };
  };
}

export const DELETE = { method: 'DELETE' };
