/** Gathers the header of one connection, in whatever pieces it comes. */

import type { Peer } from '../transport.ts';
import { type Header, readHeader } from './header.ts';

/** What has become of a header. */
export type Introduced =
  | { readonly is: 'begun' }
  /** `rest` is what has come behind the header. */
  | { readonly is: 'done'; readonly peer: Peer; readonly rest: Buffer }
  | Extract<Header, { readonly is: 'wrong' }>;

export class Introduction {
  readonly #proxy: Peer;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(proxy: Peer) {
    this.#proxy = proxy;
  }

  /** Takes what comes next, which is copied. A header that is not whole yet has some thousand bytes at most. */
  push(piece: Buffer): Introduced {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    const header = readHeader(this.#bytes);
    if (header.is !== 'whole') return header;
    const peer = header.source === undefined ? this.#proxy : peerBehind(this.#proxy, header.source);
    return { is: 'done', peer, rest: this.#bytes.subarray(header.length) };
  }
}

/**
 * The client of a proxy, as the peer of a connection. A certificate of the proxy proves no name of its client.
 * @param port undefined if it is not known
 */
export function peerBehind(
  proxy: Peer,
  { address, port }: { readonly address: string; readonly port?: number | undefined },
): Peer {
  const host = address.includes(':') ? `[${address}]` : address;
  const text = port === undefined ? host : `${host}:${port}`;
  const socket = { address: proxy.address, port: proxy.port };
  return { ...proxy, address, port, text, socket, certificateNames: undefined };
}
