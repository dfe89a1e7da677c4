/**
 * The messages with ids that were taken or held a short time ago. A message with the same id, sender and name is a
 * repeat, and is not taken again.
 *
 * What must be true:
 * 1. A message that was refused or dropped is not remembered, so that it can be sent again.
 * 2. The entry of a held message is put into the store in one group with its mail.
 */
import { BODY_OFFSET, FRAME_PREFIX_BYTES, FROM_PROGRAM } from '../../../src/shared/wire/frames/frames.ts';
import { idEndOf } from '../../../src/shared/wire/frames/message-head.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import { sendKey, sendValue } from '../../../src/store/format.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { StoredSend } from '../../mailbox/stored-sends.ts';
import { nameKey } from '../../names/name.ts';
import { Oldest } from '../../names/oldest.ts';

/** The sender, the id and the name of a message: the key of its entry in the store, as latin1 text. */
export type SendId = string;

/** What became of a message that was remembered. One that is held has its entry in the store too. */
export type Kept = 'taken' | 'held';

interface RecentSend {
  readonly kind: Kept;
  /** In seconds since 1970. */
  readonly at: number;
}

export class RecentSends {
  readonly #settings: ShardSettings;
  readonly #mailboxes: Pick<Mailboxes, 'storeSend' | 'deleteSend'>;
  /** Seconds since 1970. */
  readonly #now: () => number;
  /** In the order of their times. */
  readonly #sends = new Map<SendId, RecentSend>();
  readonly #oldest = new Oldest(this.#sends);

  constructor(
    settings: ShardSettings,
    { mailboxes, now }: { readonly mailboxes: Pick<Mailboxes, 'storeSend' | 'deleteSend'>; readonly now: () => number },
  ) {
    this.#settings = settings;
    this.#mailboxes = mailboxes;
    this.#now = now;
  }

  /** How many sends are remembered. */
  get size(): number {
    return this.#sends.size;
  }

  /** @returns what identifies a message to `name`; undefined if it has no id, or repeats are not recognized */
  idOf(name: Uint8Array, { memory, frameAt, frameLength, body }: MessageRecord): SendId | undefined {
    if (this.#settings.dedupeSeconds === 0 || (body & FROM_PROGRAM) === 0) return undefined;
    const end = idEndOf(memory.bytes, frameAt + (body & BODY_OFFSET), frameAt + frameLength);
    if (end === undefined) return undefined;
    return nameKey(sendKey(name, memory.bytes.subarray(frameAt + FRAME_PREFIX_BYTES.before, end)));
  }

  /** @returns what became of the message that this one repeats; undefined if it is no repeat */
  find(id: SendId): Kept | undefined {
    const send = this.#sends.get(id);
    return send === undefined || this.#isTooOld(send) ? undefined : send.kind;
  }

  /** Remembers a message that is taken. One that is held must be added to its mailbox next. */
  add(id: SendId, kind: Kept): void {
    const tooOld = this.#sends.get(id);
    if (tooOld !== undefined) this.#forget(id, tooOld);
    const at = this.#now();
    this.#sends.set(id, { kind, at });
    if (kind === 'held') this.#mailboxes.storeSend(Buffer.from(id, 'latin1'), sendValue(at));
    this.#forgetTooMany();
  }

  /** Takes over what the store has, oldest first. To be called before anything is added. */
  recovered(sends: readonly StoredSend[]): void {
    for (const { key, at } of sends) this.#sends.set(nameKey(key), { kind: 'held', at: Math.min(at, this.#now()) });
    this.tick();
    this.#forgetTooMany();
  }

  /** Called once a second. Forgets what is too old. */
  tick(): void {
    let oldest = this.#oldest.find();
    for (; oldest !== undefined && this.#isTooOld(oldest[1]); oldest = this.#oldest.find()) this.#forget(...oldest);
  }

  #isTooOld({ at }: RecentSend): boolean {
    return this.#now() - at >= this.#settings.dedupeSeconds;
  }

  #forgetTooMany(): void {
    while (this.#sends.size > this.#settings.dedupeMax) {
      const oldest = this.#oldest.find();
      if (oldest !== undefined) this.#forget(...oldest);
    }
  }

  #forget(id: SendId, { kind }: RecentSend): void {
    this.#sends.delete(id);
    if (kind === 'held') this.#mailboxes.deleteSend(Buffer.from(id, 'latin1'));
  }
}
