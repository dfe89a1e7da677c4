/** The token of the admin API: it is read once, kept as its hash, and shown nowhere. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TOKEN } from '../../shared/common/config/values.ts';
import type { Config } from '../../shared/common/config.ts';
import { EXIT_BAD_SETTING, messageOf, StartError } from '../../shared/common/errors.ts';
import { bearerIn } from '../requests/parts.ts';

const NO_FILE = 'none';

/** A token that requests are compared with. */
export class Token {
  readonly #hash: Buffer;

  constructor(text: string) {
    this.#hash = hashOf(text);
  }

  /** Whether a request has it. It takes equally long whatever the request has. @param header `Authorization` */
  isIn(header: string | undefined): boolean {
    const given = bearerIn(header);
    return timingSafeEqual(hashOf(given ?? ''), this.#hash) && given !== undefined;
  }
}

/**
 * Reads the token of the settings.
 * @returns undefined if there is none
 * @throws StartError if there are two, or the file cannot be read or has none
 */
export function readToken({ ADMIN_TOKEN, ADMIN_TOKEN_FILE }: Pick<Config, 'ADMIN_TOKEN' | 'ADMIN_TOKEN_FILE'>) {
  if (ADMIN_TOKEN_FILE === NO_FILE) return ADMIN_TOKEN === undefined ? undefined : new Token(ADMIN_TOKEN);
  if (ADMIN_TOKEN !== undefined) throw wrong('ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set: one of them is enough');
  const text = readIn(ADMIN_TOKEN_FILE).trim();
  if (!TOKEN.test(text)) throw wrong('the file of ADMIN_TOKEN_FILE must have 8 to 512 visible ASCII characters');
  return new Token(text);
}

function readIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`the file of ADMIN_TOKEN_FILE cannot be read: ${messageOf(error)}`);
  }
}

function wrong(text: string): StartError {
  return new StartError(text, EXIT_BAD_SETTING);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
