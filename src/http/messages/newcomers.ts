/**
 * Sessions that do not have their name yet: their proof is being checked, or they wait for a name that is taken.
 * Strangers can begin as many as they have requests, so these take no place of sessions that have their name.
 *
 * A new one is never refused, because a right token takes a moment and a wrong one a second. Where there are too many,
 * the oldest from the address with the most of them ends instead. So strangers push each other out.
 */
import { addressKey } from '../../shared/visitors/address-key.ts';

/** Sessions without their name, at a time. That is one for each connection of HTTP. */
export const MAX_NEWCOMERS = 256;

export class Newcomers<Session> {
  /** With what their addresses count as. The oldest is first. */
  readonly #addresses = new Map<Session, string>();

  /** @returns the one that must end because there are too many now; undefined if there is room */
  add(session: Session, address: string | undefined): Session | undefined {
    this.#addresses.set(session, addressKey(address));
    if (this.#addresses.size <= MAX_NEWCOMERS) return undefined;
    const crowded = mostFrequent(this.#addresses.values());
    for (const [each, from] of this.#addresses) if (from === crowded) return each;
    return undefined;
  }

  has(session: Session): boolean {
    return this.#addresses.has(session);
  }

  /** A session has its name, or has ended. @returns whether it was a newcomer until now */
  delete(session: Session): boolean {
    return this.#addresses.delete(session);
  }
}

function mostFrequent(keys: Iterable<string>): string | undefined {
  const counts = new Map<string, number>();
  let most: string | undefined;
  for (const key of keys) {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (most === undefined || count > (counts.get(most) ?? 0)) most = key;
  }
  return most;
}
