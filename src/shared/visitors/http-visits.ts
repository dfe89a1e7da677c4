/**
 * What the connections of HTTP count to: each to its address, from when it comes until it is closed or becomes a
 * WebSocket. They are counted apart from sessions, because a session over HTTP lasts longer than its connection, or
 * shorter. A trusted proxy is not limited: its connections are those of its clients.
 */
import type { AddressList } from './address-list.ts';
import type { Member } from './crowd.ts';
import type { NotLetIn, Rates } from './rates.ts';

/** The visit of one connection. */
export interface HttpVisit {
  /** It is over. A second call does nothing. */
  leave(): void;
}

interface Open {
  readonly address: string | undefined;
  /** Undefined while nothing limits it. */
  member: Member | undefined;
}

export class HttpVisits {
  readonly #rates: Rates;
  readonly #proxies: Pick<AddressList, 'has'>;
  readonly #open = new Set<Open>();

  constructor(rates: Rates, proxies: Pick<AddressList, 'has'>) {
    this.#rates = rates;
    this.#proxies = proxies;
  }

  /** A connection has come. @returns its visit, or why it may not come in */
  enter(address: string | undefined): HttpVisit | NotLetIn {
    const crowd = this.#rates.crowds.http;
    const key = this.#keyOf(address);
    const refused = key === undefined ? undefined : crowd.refusal(key);
    if (refused !== undefined) return { ...refused, by: 'address' };
    const visit: Open = { address, member: key === undefined ? undefined : crowd.enter(key) };
    this.#open.add(visit);
    return {
      leave: () => {
        if (this.#open.delete(visit) && visit.member !== undefined) crowd.leave(visit.member);
      },
    };
  }

  /** The limits or the proxies have changed. */
  renew(): void {
    const crowd = this.#rates.crowds.http;
    for (const visit of this.#open) {
      const { address, member } = visit;
      const key = this.#keyOf(address);
      if ((member === undefined) === (key === undefined)) continue;
      if (member !== undefined) crowd.leave(member);
      visit.member = key === undefined ? undefined : crowd.join(key);
    }
  }

  #keyOf(address: string | undefined): string | undefined {
    return this.#proxies.has(address) ? undefined : this.#rates.keyOf(address, 'http');
  }
}
