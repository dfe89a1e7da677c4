/** How a session comes to its name: within a time it says who it is, and the authenticator decides. */
import { nameRefused, nameTimeout } from '../../protocol/errors.ts';
import type { Decoder } from '../../protocol/protocol.ts';
import type { StartTimer } from '../../shared/common/timer.ts';
import type { Peer } from '../../transport/transport.ts';
import { type Admission, type Authenticator, type Decision, UNDECIDED } from '../auth/authenticator.ts';
import type { Reader } from '../reader/reader.ts';
import type { Claim } from './claim.ts';

/** What a login needs of its session. */
interface LoginHome {
  readonly authenticator: Authenticator;
  readonly claim: Claim;
  readonly reader: Reader;
  readonly startTimer: StartTimer;
  readonly nameTimeoutSeconds: number;
  /** The peer may have the name: the session asks its shard for it. @param proven whether it takes the name over */
  admit(name: Uint8Array, proven: boolean): void;
}

/** The login of one session. */
export class Login {
  readonly #home: LoginHome;
  #cancelTimer: (() => void) | undefined;

  constructor(home: LoginHome) {
    this.#home = home;
  }

  /** From now on the peer has NAME_TIMEOUT_SECONDS to say its name. */
  start(): void {
    const { nameTimeoutSeconds: seconds, reader, startTimer } = this.#home;
    this.#cancelTimer = startTimer(seconds * 1000, () => reader.stop(nameTimeout(seconds)));
  }

  /** The session has its name, or ends. */
  cancelTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /**
   * Asks the authenticator for the name. It may decide later.
   * @throws SessionError if the name is refused at once
   */
  ask({ name, proof }: Pick<Decoder, 'name' | 'proof'>, peer: Peer): void {
    const { authenticator, claim } = this.#home;
    const decision = authenticator.authenticate(name, proof, peer);
    if (decision instanceof Promise) {
      claim.authenticate();
      void this.#admitWhenKnown(name, decision);
    } else if (decision.admitted) this.#admit(name, decision);
    else throw nameRefused(decision.reason);
  }

  async #admitWhenKnown(name: Uint8Array, decision: Promise<Decision>): Promise<void> {
    const { reader } = this.#home;
    const known = await decision.catch(() => UNDECIDED);
    if (reader.ended) return;
    if (known.admitted) this.#admit(name, known);
    else reader.stop(nameRefused(known.reason));
  }

  #admit(name: Uint8Array, { proven = false }: Admission): void {
    this.cancelTimer();
    this.#home.admit(name, proven);
  }
}
