/**
 * The sessions of programs over HTTP, by name. What must be true:
 * 1. A name and a proof have one of them at most, which all requests with both share. All certificates of a name are
 *    one proof. The broker checks the proof when the session begins, and ends the session when it is withdrawn. Whoever
 *    proves the name otherwise takes it over.
 * 2. Mail is read by one request at a time.
 * 3. A session ends when no request uses it, unless its mail was read: then it is kept for LEASE_MS, so that an
 *    acknowledgement can follow.
 * 4. Sessions that have their name and read mail are no more than MAX_READERS. When another one gets its name, one from
 *    the address with the most of them ends for it: the one that is kept longest, or else the oldest. That is so if
 *    the address has more than the new one's would have. Otherwise one that is only kept ends, of its own address or of
 *    one with no fewer; where there is none, the new one ends.
 * 5. A session that does not have its name yet ends none that has. Such sessions are bounded by themselves, see
 *    Newcomers.
 */
import type { BrokerView } from '../../broker/broker-view.ts';
import type { Authenticator } from '../../session/auth/authenticator.ts';
import type { Config } from '../../shared/common/config.ts';
import { addressKey } from '../../shared/visitors/address-key.ts';
import { Crowding } from '../../shared/visitors/fair-place.ts';
import type { Refusal } from '../../transport/listener.ts';
import type { Proxies } from '../../transport/proxy/forwarded-for.ts';
import type { Transport } from '../../transport/transport.ts';
import { type Problem, problemOf } from '../problems.ts';
import { HttpProgram } from './http-program.ts';
import { Newcomers } from './newcomers.ts';
import { type Caller, RequestProofs } from './request-proofs.ts';
import { RETRY_SECONDS } from './session-problems.ts';

/** How long a session is kept after the last request that read its mail or acknowledged it. */
const LEASE_MS = 30_000;
/** Sessions that have their name and read mail, at a time. */
export const MAX_READERS = 32;
/** The most messages of one answer, and the most that may be given out and not acknowledged. */
export const MAX_MAIL_MESSAGES = 1_000;
/** A session that only sends acknowledges no mail. So it takes one message of it, which goes back. */
const SENDER_WINDOW = 1;

/** What the sessions need of the broker. */
export interface ProgramsHost {
  readonly config: Pick<Config, 'STRICT' | 'MAX_LINE_BYTES' | 'AUTH'>;
  readonly view: Pick<BrokerView, 'health'>;
  readonly authenticator: Authenticator;
  /** Takes the other end of a connection, which becomes a session. @returns why it is refused, if it is */
  connect(transport: Transport): Refusal | undefined;
  readonly proxies: Proxies;
}

/** One session and its users. */
interface Entry {
  /** Its name as the broker compares names; undefined for a random one. */
  readonly name: string | undefined;
  readonly program: HttpProgram;
  /** See RequestProofs. */
  readonly proof: string | undefined;
  readonly reads: boolean;
  /** What the address counts as that has begun it. */
  readonly from: string;
  /** The requests that use it. */
  users: number;
  /** Whether a request reads its mail now. */
  reading: boolean;
  /** Runs while the session is kept although nobody uses it. */
  lease: NodeJS.Timeout | undefined;
}

/** The use of a session by one request, until it is disposed of. */
export interface Use extends Disposable {
  readonly program: HttpProgram;
}

export class HttpPrograms {
  readonly #host: ProgramsHost;
  readonly #proofs: RequestProofs;
  readonly #leaseMs: number;
  /** Those with a name, by name and proof. The one whose mail was read longest ago is first of those that read. */
  readonly #entries = new Map<string, Entry>();
  /** Sessions without a name, of one request each. */
  #nameless = 0;
  readonly #newcomers = new Newcomers<Entry>();
  readonly #freed = new Set<() => void>();

  /** @param leaseMs see LEASE_MS; tests set a shorter one */
  constructor(host: ProgramsHost, leaseMs = LEASE_MS) {
    this.#host = host;
    this.#proofs = new RequestProofs(host.config.AUTH, host.authenticator);
    this.#leaseMs = leaseMs;
  }

  /** The proxies that say whom they speak for. */
  get proxies(): Proxies {
    return this.#host.proxies;
  }

  /** How many sessions there are, by what they are for. */
  get counts(): { readonly mail: number; readonly send: number } {
    const mail = [...this.#entries.values()].filter(({ reads }) => reads).length;
    return { mail, send: this.#entries.size - mail + this.#nameless };
  }

  /**
   * Uses a session to send: that of the name if there is one, or a new one.
   * @throws Problem if there can be none now
   */
  send(name: string | undefined, caller: Caller): Use {
    const entry = this.#find(name, caller) ?? this.#open(name, caller, false);
    entry.users++;
    return { program: entry.program, [Symbol.dispose]: () => this.#leave(entry) };
  }

  /**
   * Uses a session to read mail. The name must be free for that, see `isFree`.
   * @throws Problem if there can be none now
   */
  read(name: string, caller: Caller): Use & { keep(): void } {
    if (!this.isFree(name, caller)) throw problemOf('MAIL_IN_USE', {});
    const entry = this.#find(name, caller) ?? this.#open(name, caller, true);
    entry.users++;
    entry.reading = true;
    this.#dropLease(entry);
    return {
      program: entry.program,
      keep: () => this.#keep(entry),
      [Symbol.dispose]: () => {
        entry.reading = false;
        this.#leave(entry);
        this.#tellFreed();
      },
    };
  }

  /** Whether a request may read the mail of a name: no other one does, and none sends under the name alone. */
  isFree(name: string, caller: Caller): boolean {
    const entry = this.#find(name, caller);
    return entry === undefined || (entry.reads && !entry.reading);
  }

  /** Waits until a name is free. @returns false if it is not when the signal is aborted */
  async whenFree(name: string, signal: AbortSignal, caller: Caller): Promise<boolean> {
    while (!this.isFree(name, caller) && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#freed.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#freed.add(done);
        signal.addEventListener('abort', done);
      });
    }
    return this.isFree(name, caller);
  }

  /**
   * Acknowledges mail that was given out under a name, and keeps its session for as long as after a read.
   * @returns how many messages are acknowledged by this
   * @throws Problem if nobody reads the mail, the number was not given out, or the name is not proved
   */
  async acknowledge(name: string, seq: number, caller: Caller): Promise<number> {
    const entry = this.#find(name, caller);
    if (entry === undefined) await this.#proofs.check(this.#comparable(name), caller);
    if (entry?.reads !== true || entry.program.whyEnded !== undefined) throw problemOf('NO_READER', {});
    const count = entry.program.inbox.acknowledge(seq);
    if (count === undefined) throw problemOf('SEQ_NOT_GIVEN', {});
    entry.program.acknowledge(seq);
    if (entry.lease !== undefined) this.#keep(entry);
    return count;
  }

  /** Those that count to MAX_READERS, the one whose mail was read longest ago first. */
  get #readers(): Entry[] {
    const isReader = (entry: Entry) =>
      entry.reads && !this.#newcomers.has(entry) && entry.program.whyEnded === undefined;
    return [...this.#entries.values()].filter(isReader);
  }

  /** A name as the broker compares names. */
  #comparable(name: string): string {
    return this.#host.config.STRICT === 'on' ? name.normalize('NFC') : name;
  }

  /** The session of a name with the proof of a request, if it has not ended. */
  #find(name: string | undefined, caller: Caller): Entry | undefined {
    if (name === undefined) return undefined;
    const compared = this.#comparable(name);
    const entry = this.#entries.get(keyOf(compared, this.#proofs.hashOf(compared, caller)));
    return entry?.program.whyEnded === undefined ? entry : undefined;
  }

  /** A session has its name. If it reads, it needs a place among those that do. */
  #welcomed(entry: Entry): void {
    if (!this.#newcomers.delete(entry) || !entry.reads) return;
    const others = this.#readers.filter((each) => each !== entry);
    if (others.length < MAX_READERS) return;
    const ends = endsFor(entry, others);
    if (isKept(ends)) this.#end(ends);
    else ends.program.refuse(tooMany('names are read over HTTP'));
  }

  #open(name: string | undefined, caller: Caller, reads: boolean): Entry {
    const { peer, token } = caller;
    const { health } = this.#host.view;
    const retry = { retry: RETRY_SECONDS };
    if (health().draining) throw problemOf('NOT_SERVED', { reason: 'the broker is stopping' }, retry);
    const compared = name === undefined ? undefined : this.#comparable(name);
    const proof = compared === undefined ? undefined : this.#proofs.hashOf(compared, caller);
    const hello = { name, token, window: reads ? MAX_MAIL_MESSAGES : SENDER_WINDOW };
    const program = new HttpProgram(peer, hello, () => this.#welcomed(entry));
    const from = addressKey(peer.address);
    const entry: Entry = { name: compared, program, proof, reads, from, users: 0, reading: false, lease: undefined };
    const refusal = this.#host.connect(program.transport);
    if (refusal !== undefined) throw refused(refusal);
    this.#newcomers.add(entry, from)?.program.refuse(tooMany('names are asked for over HTTP'));
    if (compared === undefined) this.#nameless++;
    else this.#entries.set(keyOf(compared, proof), entry);
    return entry;
  }

  #leave(entry: Entry): void {
    entry.users--;
    if (entry.users === 0 && (entry.lease === undefined || entry.program.whyEnded !== undefined)) this.#end(entry);
  }

  #keep(entry: Entry): void {
    const { name, proof } = entry;
    this.#dropLease(entry);
    if (name === undefined) return;
    const key = keyOf(name, proof);
    if (this.#entries.get(key) !== entry) return;
    entry.lease = setTimeout(() => {
      entry.lease = undefined;
      if (entry.users === 0) this.#end(entry);
    }, this.#leaseMs);
    entry.lease.unref();
    // It comes behind all others.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #dropLease(entry: Entry): void {
    clearTimeout(entry.lease);
    entry.lease = undefined;
  }

  #end(entry: Entry): void {
    this.#dropLease(entry);
    this.#newcomers.delete(entry);
    const key = entry.name === undefined ? undefined : keyOf(entry.name, entry.proof);
    if (key === undefined) this.#nameless--;
    else if (this.#entries.get(key) === entry) this.#entries.delete(key);
    entry.program.end();
    this.#tellFreed();
  }

  #tellFreed(): void {
    for (const done of [...this.#freed]) done();
  }
}

function isKept({ users }: Entry): boolean {
  return users === 0;
}

/** @returns the session that ends because another one has its name now, or that one. @param others oldest first */
function endsFor(entry: Entry, others: readonly Entry[]): Entry {
  const crowding = new Crowding(others.map((each) => [each, each.from]));
  const mayLeave = crowding.mayLeaveFor(entry.from);
  const own = crowding.countOf(entry.from);
  const isFair = ({ from }: Entry) => from === entry.from || crowding.countOf(from) > own;
  return mayLeave.find(isKept) ?? mayLeave[0] ?? others.find((each) => isKept(each) && isFair(each)) ?? entry;
}

function refused({ code, retry }: Refusal): Problem {
  return tooMany(code === 'SENT_TOO_MUCH' ? 'messages' : 'connections', retry);
}

function tooMany(what: string, retry = RETRY_SECONDS): Problem {
  return problemOf('TOO_MANY', { what }, { retry });
}

/** @param proof its hash, in which no space stands */
function keyOf(name: string, proof = ''): string {
  return `${proof} ${name}`;
}
