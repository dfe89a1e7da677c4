/** Why a handshake of TLS has failed, in words for the log. */
import type { TLSSocket } from 'node:tls';
import { type LogLine, told } from '../../shared/codes/log-line.ts';
import { messageOf } from '../../shared/common/errors.ts';
import { peerOf } from '../socket.ts';

const PROBLEMS: Readonly<Record<string, string>> = {
  ECONNRESET: 'the peer left before it was done',
  EPIPE: 'the peer left before it was done',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'the peer has sent no certificate, which TLS_CLIENT_CA asks for',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the peer speaks no version from TLS 1.2 on',
  ERR_SSL_NO_SHARED_CIPHER: 'the peer has no cipher that is served',
  ERR_SSL_HTTP_REQUEST: 'the peer speaks HTTP without TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the peer does not speak TLS',
};

/** The line of the log for a handshake of a server that has failed. */
export function failedHandshake(error: Error, secure: TLSSocket): LogLine {
  return told('TLS_HANDSHAKE_FAILED', { peer: peerOf(secure).text, problem: handshakeProblem(error, secure) });
}

/** A problem of a certificate of a client has its own code. An alert is what the peer says of the broker's. */
export function handshakeProblem(error: Error, secure: TLSSocket): string {
  const { authorizationError } = secure as { authorizationError?: unknown };
  if (authorizationError) return `the certificate of the peer is refused: ${String(authorizationError)}`;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/^ERR_SSL_.*ALERT_/.test(code)) return `the peer refuses: ${code.replace(/^ERR_SSL_/, '')}`;
  return PROBLEMS[code] ?? (code === '' ? messageOf(error) : code);
}
