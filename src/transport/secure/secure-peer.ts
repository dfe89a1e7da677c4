/** The peer of a connection with TLS. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { peerOf } from '../socket.ts';
import type { Peer } from '../transport.ts';
import { certificateNames } from './certificate-names.ts';

/** @param below the TCP connection below, which knows the address for longer */
export function securePeer(secure: TLSSocket, below: Socket): Peer {
  const certificate = secure.getPeerX509Certificate();
  return { ...peerOf(below), secure: true, certificateNames: certificate && certificateNames(certificate) };
}
