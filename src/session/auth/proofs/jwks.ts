/**
 * The public keys at an address. They are fetched at the start and every ten minutes, beside everything else, and kept
 * when that fails. A token of a key that is not among them has them fetched once more, twice a minute at most.
 */
import type * as Jose from 'jose';
import { messageOf } from '../../../shared/common/errors.ts';

const FETCH_MS = 5_000;
const FETCH_EVERY_MS = 10 * 60_000;
/** While there are none yet, they are fetched so often. */
const RETRY_MS = 30_000;
/** Keys of a larger size are refused. */
export const MAX_KEYS_BYTES = 1024 * 1024;

/** The keys. */
export interface KeysAt {
  readonly find: Jose.JWTVerifyGetKey;
  /** Whether none were fetched yet. */
  readonly missing: boolean;
  close(): void;
}

/** @param failed is told why they could not be fetched */
export function keysAt(address: URL, jose: typeof Jose, failed: (reason: string) => void): KeysAt {
  const keys = jose.createRemoteJWKSet(address, {
    timeoutDuration: FETCH_MS,
    cooldownDuration: RETRY_MS,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [jose.customFetch]: boundedFetch,
  });
  let timer: NodeJS.Timeout;
  const fetchNow = async () => {
    try {
      await keys.reload();
    } catch (error) {
      failed(messageOf(error));
    }
    timer = setTimeout(fetchNow, keys.jwks() === undefined ? RETRY_MS : FETCH_EVERY_MS);
    timer.unref();
    if (closed) clearTimeout(timer);
  };
  let closed = false;
  void fetchNow();
  return {
    find: (header, token) => keys(header, token),
    get missing() {
      return keys.jwks() === undefined;
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** As `fetch`, but an answer that is too long is an error before it is in memory. */
async function boundedFetch(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_KEYS_BYTES) throw new Error(`the keys are longer than ${MAX_KEYS_BYTES} bytes`);
    pieces.push(piece);
  }
  return new Response(Buffer.concat(pieces), {
    status: response.status,
    headers: { 'content-type': 'application/json' },
  });
}
