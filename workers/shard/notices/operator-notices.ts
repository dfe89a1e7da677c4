/**
 * The reports to the operator, through the log of the main thread: a limit is reached, the store fails, or mail is
 * missing. Each limit is reported once a minute, and missing mail as a summary, so that the log is not flooded.
 */
import type { DropReason } from '../../../src/shared/codes/drops.ts';
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import type { Limit } from '../../../src/shared/wire/records.ts';
import { putLimited, putStoreFailed } from '../../../src/shared/wire/to-main.ts';
import { writeFailure } from '../../mailbox/store.ts';
import { Missing } from './missing.ts';

/** How often one limit is reported. */
const LIMIT_REPORT_SECONDS = 60;
/** The setting behind each reason to refuse mail. */
const LIMIT_OF: Partial<Record<DropReason, Limit>> = {
  MAILBOX_MESSAGES: 'MAILBOX_MAX_MESSAGES',
  MAILBOX_BYTES: 'MAILBOX_MAX_BYTES',
  HELD_BYTES: 'HELD_MAX_BYTES',
};
/** In place of a name, for a limit of all names together. */
const NO_NAME = new Uint8Array(0);

export class OperatorNotices {
  readonly #out: BatchBuilder;
  readonly #now: () => number;
  readonly #missing = new Missing();
  /** When each limit was reported last. */
  readonly #limitReportedAt = new Map<Limit, number>();

  /** @param now in seconds */
  constructor(out: BatchBuilder, now: () => number) {
    this.#out = out;
    this.#now = now;
  }

  /** A message for `name` was refused. */
  refused(reason: DropReason, name: Uint8Array): void {
    const limit = LIMIT_OF[reason];
    if (limit !== undefined) this.#limitReached(limit, limit === 'HELD_MAX_BYTES' ? NO_NAME : name);
  }

  /** A name was forgotten because there were too many, or was not added. */
  tooManyNames(): void {
    this.#limitReached('MAX_NAMES', NO_NAME);
  }

  /** Mail of `name` is counted, but the store does not have it. `reportMissing` reports it. */
  missing(name: Uint8Array, messages: number): void {
    this.#missing.note(name, messages);
  }

  /** Reports what was found missing since the last call. */
  reportMissing(): void {
    this.#missing.report((line) => putStoreFailed(this.#out, 'missing', line));
  }

  storeFailed(error: Error): void {
    putStoreFailed(this.#out, writeFailure(error), error.message);
  }

  unreadable(error: Error): void {
    putStoreFailed(this.#out, 'read', error.message);
  }

  /** A limit of each mailbox is reported once for all mailboxes, with `name` as an example. */
  #limitReached(limit: Limit, name: Uint8Array): void {
    const now = this.#now();
    if (now - (this.#limitReportedAt.get(limit) ?? Number.NEGATIVE_INFINITY) < LIMIT_REPORT_SECONDS) return;
    this.#limitReportedAt.set(limit, now);
    putLimited(this.#out, limit, name);
  }
}
