/** Puts a client together for an address. */
import { Client } from './client.ts';
import { Core } from './core/core.ts';
import { UsageError } from './errors.ts';
import { type ConnectOptions, settingsOf, type TlsOptions } from './options.ts';
import { dialTcp } from './transport/tcp.ts';
import type { Dial } from './transport/transport.ts';
import { dialWebSocket } from './transport/websocket.ts';
import { systemClock } from './waits/clock.ts';

/** Where the broker speaks WebSocket, if the address does not say. */
const WEBSOCKET_PATH = '/v1/ws';

/**
 * Connects to a broker.
 * @param url `tcp://host:port`, `tls://host:port`, `ws://host` or `wss://host`
 * @returns a client, once the broker has said welcome
 * @throws UsageError if the address or an option cannot be right
 * @throws ByeError if the broker refuses the name, and does not ask to be asked again
 * @throws TimeoutError after `timeouts.connectMs`
 * @throws the reason of `signal`
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  const settings = settingsOf(options);
  const dial = dialFor(url, options.tls, settings.limits.lineBytes);
  options.signal?.throwIfAborted();
  const core = new Core(settings, systemClock, dial, options.signal);
  await core.connect();
  return new Client(core);
}

function dialFor(url: string, tls: TlsOptions | undefined, maxLineBytes: number): Dial {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw new UsageError(`${url} is no address`, { cause });
  }
  const { protocol, hostname, port } = parsed;
  switch (protocol) {
    case 'tcp:':
    case 'tls:': {
      if (hostname === '' || port === '') throw new UsageError(`${url} needs a host and a port`);
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      const address = { host, port: Number(port), tls: protocol === 'tls:' ? (tls ?? {}) : undefined };
      return (sink) => dialTcp(address, maxLineBytes, sink);
    }
    case 'ws:':
    case 'wss:':
      if (parsed.pathname === '/') parsed.pathname = WEBSOCKET_PATH;
      return (sink) => dialWebSocket(parsed.href, maxLineBytes, sink);
    default:
      throw new UsageError(`${protocol}// is none of tcp://, tls://, ws:// and wss://`);
  }
}
