/** What is particular to TLS: its options for Node, and what its failures mean. */
import type * as nodeTls from 'node:tls';
import { ConnectionError, UsageError } from '../errors.ts';
import type { TlsOptions } from '../options.ts';

/** Node and OpenSSL say in these words that one end does not take the certificate of the other. */
const CERTIFICATE = /certificate|unknown ca\b|unsupported key/i;
/** And in these that what came is not TLS. Bun says them with underscores. */
const NO_TLS = /wrong.version.number|packet.length.too.long|unknown.protocol|record.overflow/i;

/** What to do about a certificate. The first that fits counts. */
const ADVICE: readonly (readonly [words: RegExp, advice: string])[] = [
  [/\balert\b/i, 'the other end does not take the certificate of this client: set tls.cert and tls.key'],
  [/does not match/i, 'connect to a host that the certificate names, or name it with tls.servername'],
  [/not yet valid/i, 'compare the clocks of both machines'],
  [/expired/i, 'the broker needs a new certificate, or the clock of this machine is wrong'],
  [/./, 'give the certificate of who has signed it as tls.ca, or in a file that NODE_EXTRA_CA_CERTS names'],
];

/**
 * The options of a connection, for Node.
 * @throws UsageError if the certificate or the key of the client cannot be read, or the two do not belong together
 */
export function tlsOptions(
  tls: typeof nodeTls,
  host: string,
  port: number,
  { ca, cert, key, servername, rejectUnauthorized }: TlsOptions,
): nodeTls.ConnectionOptions {
  // Node takes any bytes where its types say Buffer.
  const own = given({ ca, cert, key }) as nodeTls.SecureContextOptions;
  try {
    tls.createSecureContext(own);
  } catch (cause) {
    throw new UsageError(`tls: ca, cert or key cannot be used: ${textOf(cause)}`, { cause });
  }
  // A name is asked for by SNI, which no address may be.
  const isAddress = /^[\d.]+$|:/.test(host);
  return {
    host,
    port,
    ...(isAddress ? {} : { servername: host }),
    ...own,
    ...given({ servername, rejectUnauthorized }),
  };
}

/** @returns the error of a TLS connection, which says what to do where that is known */
export function tlsError(cause: unknown): unknown {
  const text = textOf(cause);
  if (NO_TLS.test(text)) {
    return new ConnectionError('NO_TLS', `the other end does not speak TLS: is tcp:// meant? (${text})`, { cause });
  }
  if (!CERTIFICATE.test(text)) return cause;
  const advice = ADVICE.find(([words]) => words.test(text))?.[1];
  return new ConnectionError('CERTIFICATE_REFUSED', `${text}: ${advice}`, { cause });
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim() : String(cause);
}

/** Leaves out what is undefined: for Node, that is a value too. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
