/**
 * The client library, as Node, Deno and Bun load it; `browser.ts` is the same without TCP. What it is made of, in the
 * order of a message that is sent:
 *
 * - `connect.ts` puts a client together, and `client.ts` is what the application has.
 * - `core/core.ts` is the client without its connection: `core/sending/outbox.ts` keeps what is not accepted.
 * - `core/link/link.ts` makes one connection after another, and says what the parts have to say.
 * - `transport` carries lines.
 * - `core/receiving/inbox.ts` has what comes back, and `core/receiving/places.ts` knows what of it is worked off.
 * - `waits` has promises with a time limit, iterators and the clock.
 */
import type { Client } from './client.ts';
import { parsed, start } from './connect.ts';
import { UsageError } from './errors.ts';
import type { ConnectOptions } from './options.ts';
import { dialerFor } from './transport/tcp.ts';

export * from './exports.ts';

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
  const address = parsed(url);
  // They would be sent to nobody, and addresses are shown in errors.
  if (address.username !== '' || address.password !== '') {
    throw new UsageError('the address must have no user and no password: the name, and what proves it, are options');
  }
  return await start(address, options, dialerFor(address, options.tls));
}
