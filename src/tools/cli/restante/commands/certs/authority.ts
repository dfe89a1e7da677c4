/**
 * An authority for certificates to try TLS with, and certificates that it has signed. Node makes the keys. It cannot
 * make certificates, so node-forge does: one package of plain JavaScript, which is loaded for this alone.
 */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { pki } from 'node-forge';

const KEY_BITS = 2048;
const AUTHORITY_DAYS = [0, 3650] as const;
/** Clients of some systems refuse certificates that are good for longer. */
const CERTIFICATE_DAYS = [0, 397] as const;
const SERIAL_BYTES = 16;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A clock that is slow by less than this takes a new certificate. */
const EARLIER_MS = 5 * 60 * 1000;
/** The types of names in a certificate. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** A certificate and its key, in PEM form. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates. */
export interface Authority extends Certified {
  /**
   * A certificate for a broker that is reached by these host names and addresses.
   * @param days when it is valid, in days from now
   */
  forHosts(hosts: readonly string[], days?: Days): Promise<Certified>;
  /** A certificate for a client of this name. */
  forClient(name: string): Promise<Certified>;
}

type Days = readonly [from: number, to: number];

interface Wanted {
  readonly commonName: string;
  readonly days: Days;
  readonly extensions: readonly object[];
}

/** Makes a new authority. */
export async function newAuthority(): Promise<Authority> {
  const { default: forge } = await import('node-forge');

  async function certified(wanted: Wanted, signer?: { cert: pki.Certificate; key: pki.rsa.PrivateKey }) {
    const pems = await newKey();
    const cert = forge.pki.createCertificate();
    cert.publicKey = forge.pki.publicKeyFromPem(pems.publicKey);
    cert.serialNumber = newSerialNumber();
    const [from, to] = wanted.days;
    cert.validity.notBefore = new Date(Date.now() + from * DAY_MS - EARLIER_MS);
    cert.validity.notAfter = new Date(Date.now() + to * DAY_MS);
    const subject = [{ name: 'commonName', value: wanted.commonName, valueTagClass: forge.asn1.Type.UTF8 as never }];
    cert.setSubject(subject);
    cert.setIssuer(signer?.cert.subject.attributes ?? subject);
    const keyIdentifier = (signer?.cert ?? cert).generateSubjectKeyIdentifier().getBytes();
    const identifiers = [{ name: 'subjectKeyIdentifier' }, { name: 'authorityKeyIdentifier', keyIdentifier }];
    cert.setExtensions([...wanted.extensions, ...identifiers]);
    const key = forge.pki.privateKeyFromPem(pems.privateKey);
    cert.sign(signer?.key ?? key, forge.md.sha256.create());
    return { cert, key, pem: { cert: forge.pki.certificateToPem(cert), key: pems.privateKey } };
  }

  const self = await certified({
    commonName: `Restante, to try with ${randomBytes(3).toString('hex')}`,
    days: AUTHORITY_DAYS,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = async (commonName: string, extensions: readonly object[], days: Days = CERTIFICATE_DAYS) => {
    const usage = { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true };
    const isNone = { name: 'basicConstraints', cA: false, critical: true };
    const wanted = { commonName, days, extensions: [isNone, usage, ...extensions] };
    return (await certified(wanted, self)).pem;
  };
  return {
    ...self.pem,
    forHosts: ([first = 'localhost', ...others], days) => {
      const altNames = [first, ...others].map(asAlternative);
      const extensions = [
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames },
      ];
      return leaf(first, extensions, days);
    },
    forClient: (name) => leaf(name, [{ name: 'extKeyUsage', clientAuth: true }]),
  };
}

/** A number that is positive, and has no zeros in front, which make a certificate that OpenSSL cannot read. */
function newSerialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8() & 0x7f) | 0x40);
  return bytes.toString('hex');
}

function newKey(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function asAlternative(host: string): object {
  return isIP(host) === 0 ? { type: DNS_NAME, value: host } : { type: IP_ADDRESS, ip: host };
}
