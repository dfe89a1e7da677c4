/** Whom a proxy of HTTP speaks for, as its header X-Forwarded-For says. */
import { plainAddress } from '../../shared/visitors/address-key.ts';
import type { Peer } from '../transport.ts';
import { peerBehind } from './introduction.ts';

/** A request goes through no more proxies than this. */
const MAX_PROXIES = 16;
/** Some proxies write the port, too, and an address of IPv6 in brackets then. */
const BRACKETED = /^\[([^\]]+)\](?::\d{1,5})?$/;
const V4_WITH_PORT = /^([\d.]+):\d{1,5}$/;

/** The addresses of proxies that are trusted. */
export interface Proxies {
  has(address: string | undefined): boolean;
}

/**
 * The client of a request. Each proxy adds the address that it was asked from at the end of the header. So that is read
 * from its end, as long as those who have written it are trusted: what stands before may be a lie of the client.
 * @param peer the other end of the connection
 */
export function clientOf(peer: Peer, forwardedFor: string | undefined, proxies: Proxies): Peer {
  if (forwardedFor === undefined || !proxies.has(peer.address)) return peer;
  let client: string | undefined;
  for (const written of forwardedFor.split(',').slice(-MAX_PROXIES).reverse()) {
    const address = addressIn(written.trim());
    if (address === undefined) break;
    client = address;
    if (!proxies.has(address)) break;
  }
  return client === undefined ? peer : peerBehind(peer, { address: client });
}

/** @returns undefined if what a proxy has written is no address */
function addressIn(written: string): string | undefined {
  const [, address = written] = BRACKETED.exec(written) ?? V4_WITH_PORT.exec(written) ?? [];
  return plainAddress(address);
}
