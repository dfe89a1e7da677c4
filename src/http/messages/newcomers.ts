/**
 * Sessions that do not have their name yet: their proof is being checked, or they wait for a name that is taken.
 * Strangers can begin as many as they have requests, so these take no place of sessions that have their name.
 *
 * A new one is never refused, because a right token takes a moment and a wrong one a second. Where there are too many,
 * the oldest from the address with the most of them ends instead. So strangers push each other out.
 */
import { Crowding } from '../../shared/visitors/fair-place.ts';

/** Sessions without their name, at a time. That is one for each connection of HTTP. */
export const MAX_NEWCOMERS = 256;

export class Newcomers<Session> {
  /** With what their addresses count as. The oldest is first. */
  readonly #open = new Map<Session, string>();

  /**
   * @param from what its address counts as
   * @returns the one that must end because there are too many now; undefined if there is room
   */
  add(session: Session, from: string): Session | undefined {
    this.#open.set(session, from);
    return this.#open.size <= MAX_NEWCOMERS ? undefined : new Crowding(this.#open).largest[0];
  }

  has(session: Session): boolean {
    return this.#open.has(session);
  }

  /** A session has its name, or has ended. @returns whether it was a newcomer until now */
  delete(session: Session): boolean {
    return this.#open.delete(session);
  }
}
