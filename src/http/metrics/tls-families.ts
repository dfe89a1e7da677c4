/** The metrics of TLS. Where there is none they have no values. */
import { type Family, keyed, single } from './family.ts';

export const TLS_FAMILIES: readonly Family[] = [
  keyed('counter', 'restante_tls_handshakes_total', 'Handshakes of TLS, by what became of them.', 'result', ({ tls }) =>
    Object.entries(tls?.handshakes.results ?? {}),
  ),
  keyed(
    'counter',
    'restante_tls_connections_total',
    'Connections with TLS, lines and HTTP, by the version of TLS.',
    'version',
    ({ tls }) => tls?.handshakes.versions ?? [],
  ),
  single(
    'gauge',
    'restante_tls_handshakes_in_progress',
    'Handshakes that are under way on the port for lines.',
    ({ tls }) => tls?.underWay,
  ),
  single(
    'gauge',
    'restante_tls_certificate_expiry_timestamp_seconds',
    'When the certificate of the broker ends, in seconds since 1970.',
    ({ tls }) => tls && tls.certificate.expiresAt / 1000,
  ),
  keyed(
    'counter',
    'restante_tls_certificate_changes_total',
    'Times that new files of TLS were taken, or could not be used, so that the old ones were kept.',
    'result',
    ({ tls }) =>
      tls === undefined
        ? []
        : [
            ['taken', tls.certificate.taken],
            ['kept', tls.certificate.kept],
          ],
  ),
  single(
    'gauge',
    'restante_tls_certificate_last_read_successful',
    'Whether the files of TLS could be used when they were read last.',
    ({ tls }) => tls && (tls.certificate.good ? 1 : 0),
  ),
];
