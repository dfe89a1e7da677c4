/** Text that does not compress, to fill bodies with: letters, digits and two signs, one byte each. */
import { randomInt } from 'node:crypto';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1');
export const NOISE_BYTES = 1024 * 1024;
/** Another one in each process: a body is checked where it was made. */
export const noise = Buffer.alloc(NOISE_BYTES);
for (let i = 0; i < NOISE_BYTES; i++) noise[i] = ALPHABET[randomInt(ALPHABET.length)] as number;
