/**
 * How a session comes to its name: within a time it says who it is, and the authenticator decides. A plain peer whose
 * name needs a proof is asked for it: its next line is that.
 */
import {
  authBusy,
  authFailed,
  authLimited,
  authRequired,
  authWithdrawn,
  lineTooLong,
  nameRefused,
  nameTimeout,
  notLetIn,
  type SessionError,
} from '../../protocol/errors.ts';
import type { Decoder } from '../../protocol/protocol.ts';
import type { StartTimer } from '../../shared/common/timer.ts';
import type { Visit } from '../../shared/visitors/visit.ts';
import type { Peer } from '../../transport/transport.ts';
import { type Admission, type Authenticator, type Decision, type Denial, UNDECIDED } from '../auth/authenticator.ts';
import { accountKey } from '../auth/limits/failures.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { Reader } from '../reader/reader.ts';
import type { Claim } from './claim.ts';
import { MAX_PROOF_BYTES } from './proof-gate.ts';

/** What a login needs of its session. */
interface LoginHome {
  readonly authenticator: Authenticator;
  readonly claim: Claim;
  readonly reader: Reader;
  readonly notices: Pick<NoticeBuffer, 'sayNow'>;
  readonly startTimer: StartTimer;
  readonly nameTimeoutSeconds: number;
  readonly visit: Visit | undefined;
  /** The peer may have the name: the session asks its shard for it. */
  admit(name: Uint8Array, admission: Admission): void;
}

/** The login of one session. */
export class Login {
  readonly #home: LoginHome;
  #cancelTimer: (() => void) | undefined;
  #release: (() => void) | undefined;

  constructor(home: LoginHome) {
    this.#home = home;
  }

  /** From now on the peer has NAME_TIMEOUT_SECONDS to say its name, and to prove it. */
  start(): void {
    const { nameTimeoutSeconds: seconds, reader, startTimer } = this.#home;
    this.#cancelTimer = startTimer(seconds * 1000, () => reader.stop(nameTimeout(seconds)));
  }

  /** The session ends. */
  end(): void {
    this.#stopTimer();
    this.#release?.();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /**
   * Asks the authenticator for the name. It may decide later.
   * @param mayAsk whether the peer can be asked for a proof, as a person can
   * @throws SessionError if the name is refused at once
   */
  ask({ name, proof }: Pick<Decoder, 'name' | 'proof'>, peer: Peer, mayAsk: boolean): void {
    const { authenticator, claim } = this.#home;
    const decision = authenticator.authenticate(name, proof, peer);
    if (decision instanceof Promise) {
      claim.authenticate();
      void this.#admitWhenKnown(name, decision);
    } else if (decision.admitted) {
      const refused = this.#admit(name, decision);
      if (refused !== undefined) throw refused;
    } else if (mayAsk && needsProof(decision)) this.#askForProof(name, peer);
    else throw refusalOf(decision);
  }

  #askForProof(name: Uint8Array, peer: Peer): void {
    const { authenticator, claim, notices, reader } = this.#home;
    claim.askForProof({
      take: (proof) => {
        claim.authenticate();
        // A rejection is a refusal, whenever it comes.
        const decision = Promise.resolve().then(() => authenticator.authenticate(name, proof, peer));
        void this.#admitWhenKnown(name, decision);
      },
      tooLong: () => reader.stop(lineTooLong(MAX_PROOF_BYTES)),
      none: () => reader.stop(authRequired()),
    });
    notices.sayNow({ code: 'PROOF_ASKED', name });
  }

  async #admitWhenKnown(name: Uint8Array, decision: Promise<Decision>): Promise<void> {
    const { reader } = this.#home;
    const known = await decision.catch(() => UNDECIDED);
    if (reader.ended) return;
    const refused = known.admitted ? this.#admit(name, known) : refusalOf(known);
    if (refused !== undefined) reader.stop(refused);
  }

  /** @returns why the session must end all the same: its account has too many of them */
  #admit(name: Uint8Array, admission: Admission): SessionError | undefined {
    const { reader, admit, visit } = this.#home;
    this.#stopTimer();
    const tooMuch = admission.proven === true ? visit?.prove(accountKey(name)) : undefined;
    if (tooMuch !== undefined) return notLetIn(tooMuch);
    this.#release = admission.grant?.hold(() => reader.stop(authWithdrawn()));
    // It may have been withdrawn since it was given.
    if (!reader.ended) admit(name, admission);
    return undefined;
  }
}

type Refusal = Exclude<Decision, { readonly admitted: true }>;

function needsProof(decision: Refusal): boolean {
  return 'denial' in decision && decision.denial.code === 'AUTH_REQUIRED';
}

function refusalOf(decision: Refusal): SessionError {
  return 'denial' in decision ? denied(decision.denial) : nameRefused(decision.reason);
}

function denied(denial: Denial): SessionError {
  switch (denial.code) {
    case 'AUTH_REQUIRED':
      return authRequired();
    case 'AUTH_FAILED':
      return authFailed();
    case 'AUTH_BUSY':
      return authBusy();
    case 'AUTH_LIMITED':
      return authLimited(denial.seconds);
    default:
      return denial satisfies never;
  }
}
