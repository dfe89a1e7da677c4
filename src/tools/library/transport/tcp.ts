/**
 * TCP and TLS, by the modules of Node. The runtime is asked for them when a connection is made, so that no bundle has
 * to contain or to leave out an import of them. Node, Deno and Bun answer; browsers do not.
 */
import { ConnectionError, UsageError } from '../errors.ts';
import type { TlsOptions } from '../options.ts';
import { LineReader } from './lines.ts';
import { tlsError, tlsOptions } from './tls.ts';
import type { Connection, ConnectionSink, Dialer } from './transport.ts';

interface TcpAddress {
  readonly host: string;
  readonly port: number;
  /** undefined: without TLS. */
  readonly tls: TlsOptions | undefined;
}

/**
 * @returns undefined if the address is not one of `tcp:` or `tls:`
 * @throws UsageError if it has no host or no port
 */
export function dialerFor({ protocol, hostname, port }: URL, tls: TlsOptions = {}): Dialer | undefined {
  if (protocol !== 'tcp:' && protocol !== 'tls:') return undefined;
  if (hostname === '' || port === '') throw new UsageError('the address needs a host and a port');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const address = { host, port: Number(port), tls: protocol === 'tls:' ? tls : undefined };
  return (maxLineBytes) => (sink) => dialTcp(address, maxLineBytes, sink);
}

/**
 * Begins a connection.
 * @throws ConnectionError where there is no TCP
 * @throws UsageError if an option of TLS cannot be right
 */
function dialTcp({ host, port, tls }: TcpAddress, maxLineBytes: number, sink: ConnectionSink): Connection {
  const { process } = globalThis as { process?: NodeJS.Process };
  const net = process?.getBuiltinModule?.('node:net');
  const secure = process?.getBuiltinModule?.('node:tls');
  if (net === undefined || secure === undefined) {
    throw new ConnectionError('NO_TRANSPORT', 'there is no TCP here: use ws:// or wss://');
  }
  const socket = tls === undefined ? net.connect({ host, port }) : secure.connect(tlsOptions(secure, host, port, tls));
  const reader = new LineReader(maxLineBytes);
  let cause: unknown;
  socket.setNoDelay(true);
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => sink.opened());
  socket.on('data', (chunk: Uint8Array) => {
    try {
      const lines = reader.read(chunk);
      if (lines.length > 0) sink.lines(lines);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on('error', (error) => {
    cause = tls === undefined ? error : tlsError(error);
  });
  socket.once('close', () => sink.closed(cause));
  return {
    write: (lines) => void socket.write(lines),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
