/**
 * Tokens: a random secret that a program keeps, and of which the broker stores only the SHA-256. A secret has 256
 * random bits, so nobody can guess it, and a slow hash as for passwords would gain nothing.
 */
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
/** What a token begins with, so that a person and a search for lost secrets know it. */
const BEGINNING = 'rst_';
const TOKEN_BYTES = 47;
const ID_CHARACTERS = 12;

/** @returns a new token, which is shown once */
export function newToken(): string {
  return `${BEGINNING}${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** Whether a proof looks like a token. */
export function isToken(proof: Uint8Array): boolean {
  return proof.length === TOKEN_BYTES && Buffer.from(BEGINNING).every((byte, i) => proof[i] === byte);
}

/** @returns what is stored of a token */
export function hashOfToken(token: string | Uint8Array): string {
  return createHash('sha256').update(token).digest('hex');
}

/** @returns the name of a token in lists, which proves nothing */
export function idOfHash(hash: string): string {
  return hash.slice(0, ID_CHARACTERS);
}
