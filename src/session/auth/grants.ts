/**
 * What live sessions have proved. When accounts and tokens change, each is looked at again: one whose proof was
 * withdrawn ends its session, and the others get the patterns of now.
 */
import type { AuthCounts } from './auth-counts.ts';
import type { Grant } from './authenticator.ts';
import type { NamePatterns } from './patterns.ts';

/** A proof that was good. */
export interface Proven {
  /** @returns whom it allows to write to; `withdrawn` if it is not good any more */
  now(): NamePatterns | undefined | 'withdrawn';
}

class LiveGrant implements Grant {
  readonly #proven: Proven;
  readonly #grants: { readonly live: Set<LiveGrant>; readonly counts: AuthCounts };
  send: NamePatterns | undefined;
  #end: (() => void) | undefined;

  constructor(proven: Proven, send: NamePatterns | undefined, grants: { live: Set<LiveGrant>; counts: AuthCounts }) {
    this.#proven = proven;
    this.send = send;
    this.#grants = grants;
  }

  /** See Grant. */
  hold(end: () => void): () => void {
    this.#end = end;
    this.#grants.live.add(this);
    this.look(); // it may have been withdrawn since it was given
    return () => this.#grants.live.delete(this);
  }

  /** See Grant. */
  forbade(messages: number): void {
    this.#grants.counts.forbidden += messages;
  }

  look(): void {
    const now = this.#proven.now();
    if (now !== 'withdrawn') {
      this.send = now;
      return;
    }
    this.#grants.live.delete(this);
    this.#grants.counts.count('withdrawn');
    this.#end?.();
  }
}

/** The grants of one broker. There are no more than sessions. */
export class Grants {
  readonly #grants: { readonly live: Set<LiveGrant>; readonly counts: AuthCounts };

  constructor(counts: AuthCounts) {
    this.#grants = { live: new Set(), counts };
  }

  /** @returns undefined if the proof has been withdrawn meanwhile */
  give(proven: Proven): Grant | undefined {
    const send = proven.now();
    return send === 'withdrawn' ? undefined : new LiveGrant(proven, send, this.#grants);
  }

  /** Looks at all of them. */
  look(): void {
    for (const grant of [...this.#grants.live]) grant.look();
  }
}
