/** Certificates that are made for a test: an authority, and what it signs. */
import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

const DAY_MS = 86_400_000;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** A certificate with its key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Wish {
  /** The hosts that it is for: names and addresses of version 4. */
  readonly hosts?: readonly string[];
  /** In days from now. */
  readonly valid?: readonly [from: number, to: number];
}

let serial = 0;

/** Signs certificates. Its own is signed by itself. */
export class Authority {
  readonly #key = newKey();
  readonly #subject: forge.pki.CertificateField[];
  readonly cert: string;

  constructor(name: string) {
    this.#subject = [{ name: 'commonName', value: name }];
    this.cert = this.#signed(this.#key, this.#subject, [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ]);
  }

  /** @returns its own certificate, as one that a server has signed itself */
  asServer(): Certificate {
    return { cert: this.cert, key: this.#key };
  }

  /** @returns a certificate for a server, or for a client */
  sign({ hosts = [], valid }: Wish = {}): Certificate {
    const key = newKey();
    const altNames = hosts.map((host) =>
      /^[\d.]+$/.test(host) ? { type: IP_ADDRESS, ip: host } : { type: DNS_NAME, value: host },
    );
    const subject = [{ name: 'commonName', value: 'of a test' }];
    const cert = this.#signed(key, subject, altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : [], valid);
    return { cert, key };
  }

  #signed(
    key: string,
    subject: forge.pki.CertificateField[],
    extensions: object[],
    [from, to]: readonly [number, number] = [-1, 1],
  ): string {
    const certificate = forge.pki.createCertificate();
    const { n, e } = forge.pki.privateKeyFromPem(key);
    certificate.publicKey = forge.pki.setRsaPublicKey(n, e);
    certificate.serialNumber = String(++serial).padStart(4, '0');
    certificate.validity.notBefore = new Date(Date.now() + from * DAY_MS);
    certificate.validity.notAfter = new Date(Date.now() + to * DAY_MS);
    certificate.setSubject(subject);
    certificate.setIssuer(this.#subject);
    certificate.setExtensions(extensions);
    certificate.sign(forge.pki.privateKeyFromPem(this.#key), forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  }
}

/** @returns a private key. Node makes it, because it is much faster than other code. */
function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return privateKey;
}
