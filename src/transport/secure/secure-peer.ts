/** The peer of a connection with TLS. */
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../transport.ts';
import { certificateNames } from './certificate-names.ts';

/** @param peer the peer of the TCP connection below */
export function securePeer(secure: TLSSocket, peer: Peer): Peer {
  const certificate = secure.getPeerX509Certificate();
  return { ...peer, secure: true, certificateNames: certificate && certificateNames(certificate) };
}
