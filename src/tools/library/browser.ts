/** The client library as browsers load it: as `index.ts`, but for WebSocket alone. */
import type { Client } from './client.ts';
import { parsed, start } from './connect.ts';
import type { ConnectOptions } from './options.ts';

export * from './exports.ts';

/**
 * Connects to a broker.
 * @param url `ws://host` or `wss://host`
 * @returns a client, once the broker has said welcome
 * @throws what `connect` of `index.ts` throws
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  return await start(parsed(url), options);
}
