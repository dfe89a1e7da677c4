/** Reads a certificate with its key, and says in one line what is wrong with them. */
import { constants, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Config } from '../../shared/common/config.ts';
import { EXIT_BAD_SETTING, messageOf, StartError } from '../../shared/common/errors.ts';

/** A file of certificates is seldom larger than some KiB. A bundle of all authorities of a system has 250 KiB. */
const MAX_FILE_BYTES = 1024 * 1024;

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Undefined if clients need no certificate. */
  readonly clientCa: string | undefined;
}

/** What the files have. */
export interface TlsPair {
  readonly options: SecureContextOptions;
  /** Everything that was read, to tell whether it is the same. */
  readonly text: string;
  /** When the first certificate ends, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The files that the settings name.
 * @returns undefined if there is to be no TLS
 * @throws StartError if a setting needs another one
 */
export function filesOf({ TLS_CERT, TLS_KEY, TLS_CLIENT_CA }: Config): TlsFiles | undefined {
  const clientCa = TLS_CLIENT_CA === 'none' ? undefined : TLS_CLIENT_CA;
  if (TLS_CERT !== 'none' && TLS_KEY !== 'none') return { cert: TLS_CERT, key: TLS_KEY, clientCa };
  const needs = (what: string, other: string) => new StartError(`${what} needs ${other}`, EXIT_BAD_SETTING);
  if (TLS_CERT !== 'none') throw needs('TLS_CERT', 'TLS_KEY, the file of its key');
  if (TLS_KEY !== 'none') throw needs('TLS_KEY', 'TLS_CERT, the file of its certificate');
  if (clientCa !== undefined) throw needs('TLS_CLIENT_CA', 'TLS_CERT and TLS_KEY');
  return undefined;
}

/** Reads the files. @throws Error that names the setting whose file cannot be used, and why */
export async function readPair({ cert, key, clientCa }: TlsFiles): Promise<TlsPair> {
  const certText = await readSmall('TLS_CERT', cert);
  const keyText = await readSmall('TLS_KEY', key);
  const caText = clientCa === undefined ? undefined : await readSmall('TLS_CLIENT_CA', clientCa);
  const certificate = certificateIn('TLS_CERT', cert, certText);
  if (clientCa !== undefined) certificateIn('TLS_CLIENT_CA', clientCa, caText ?? '');
  const options: SecureContextOptions = {
    cert: certText,
    key: keyText,
    ...(caText === undefined ? {} : { ca: caText }),
    minVersion: 'TLSv1.2',
    // A peer could ask for one handshake after the other, each of which takes the broker longer than the peer.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new Error(keyProblem(key, error), { cause: error });
  }
  return { options, text: [certText, keyText, caText].join('\n'), expiresAt: Date.parse(certificate.validTo) };
}

function certificateIn(setting: string, file: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new Error(`${setting} ${file} is no certificate in PEM form`, { cause: error });
  }
}

function keyProblem(file: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return `TLS_KEY ${file} is not the key of TLS_CERT`;
  return `TLS_KEY ${file} is no key in PEM form without a password, or does not fit TLS_CERT: ${messageOf(error)}`;
}

async function readSmall(setting: string, file: string): Promise<string> {
  const refused = (why: string, cause?: unknown) => new Error(`${setting} ${file} ${why}`, { cause });
  // A pipe would be waited for, and has no size.
  const isSmallFile = await stat(file).then(
    (found) => found.isFile() && found.size <= MAX_FILE_BYTES,
    (error: NodeJS.ErrnoException) => {
      throw refused(error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.message}`, error);
    },
  );
  if (!isSmallFile) throw refused(`is no file, or has more than ${MAX_FILE_BYTES} bytes`);
  return readFile(file, 'utf8').catch((error: Error) => {
    throw refused(`cannot be read: ${error.message}`, error);
  });
}
