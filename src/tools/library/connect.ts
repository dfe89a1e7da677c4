/** Puts a client together for an address. */
import { Client } from './client.ts';
import { Core } from './core/core.ts';
import { UsageError } from './errors.ts';
import { type ConnectOptions, settingsOf } from './options.ts';
import type { Dialer } from './transport/transport.ts';
import { dialWebSocket } from './transport/websocket.ts';
import { systemClock } from './waits/clock.ts';

/** Where the broker speaks WebSocket, if the address does not say. */
const WEBSOCKET_PATH = '/v1/ws';

/** @throws UsageError if the text is no address; the text is not shown, because it may have a password */
export function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new UsageError('the URL is no address');
}

/**
 * Makes a client, and waits for its first welcome. See `connect`.
 * @param dialer undefined: WebSocket
 */
export async function start(address: URL, options: ConnectOptions, dialer = webSocketTo(address)): Promise<Client> {
  const settings = settingsOf(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const core = new Core(settings, systemClock, dialer(settings.limits.lineBytes), signal);
  await core.connect();
  return new Client(core);
}

function webSocketTo(address: URL): Dialer {
  if (!/^wss?:$/.test(address.protocol)) throw new UsageError(`${address.protocol} is not spoken here`);
  if (address.pathname === '/') address.pathname = WEBSOCKET_PATH;
  return () => (sink) => dialWebSocket(address.href, sink);
}
