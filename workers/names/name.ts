/**
 * One name, and what is known of it by now: who holds it, the mail that waits for it, and the number of its next frame.
 * Most names are away and have no mail, so the rest is optional.
 */
import { isAddressable } from '../../src/protocol/plain/addressed-line.ts';
import { FIRST_NUMBER } from '../../src/store/format.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Attachment } from './attachment.ts';

/** A name that begins with a tilde is not remembered: it is for peers that come once, such as a health check. */
const TILDE = 0x7e;

export class Name {
  readonly bytes: Uint8Array;
  readonly hash: number;
  /** The next name of the same bucket. */
  next: Name | undefined;

  /** The attachment that receives under this name. Set in name-holders.ts, as is `unsettled`. */
  readonly holder: Attachment | undefined;
  /** The holder before, as long as not every frame it was handed is accounted for. Until then nobody is fed. */
  readonly unsettled: Attachment | undefined;
  /** The number of its next frame, whether that is handed out at once or held. Set in frame-numbers.ts. */
  readonly nextNumber: number = FIRST_NUMBER;
  /** Its mail that waits or is in the store; undefined if there is none. */
  mailbox: Mailbox | undefined;
  /** True when the store has an index record of it. */
  indexed = false;
  /** Changes whenever what a sender would be told of this name changes. Set in sender-notices.ts, as is `full`. */
  readonly stateVersion: number = 0;
  /** Whether senders are told that its mailbox is full. */
  readonly full: boolean = false;
  /** True while it is remembered, nobody is attached and nothing is unsettled. Set in away-names.ts. */
  readonly away: boolean = false;
  /** When its last holder left, in seconds. */
  readonly awaySince: number = 0;

  /** Frames of this turn that go straight to the holder: a linked list of indices. Set in turn-deliveries.ts. */
  readonly firstTurnFrame: number = -1;
  readonly lastTurnFrame: number = -1;
  readonly turnFrames: number = 0;
  readonly turnBytes: number = 0;
  /** The number of the first of them; the others follow it without a gap. */
  readonly firstTurnNumber: number = 0;

  /** Whether it is remembered, and mail held for it, while it is away. */
  readonly remembered: boolean;

  /** Whether it is among the idle names, and its neighbours there. Set in idle-names.ts. */
  readonly idle: boolean = false;
  readonly olderIdle: Name | undefined;
  readonly newerIdle: Name | undefined;

  /** @param holds whether mail is held for names that are away; if not, the name is not remembered */
  constructor(bytes: Uint8Array, hash: number, holds = true) {
    this.bytes = bytes;
    this.hash = hash;
    this.remembered = holds && bytes[0] !== TILDE && isAddressable(bytes);
  }

  /**
   * The messages that its holder gets before anything newer: its mailbox, and what the holder before did not write.
   */
  get waitingMessages(): number {
    const back = this.remembered ? (this.unsettled?.unwrittenFrames ?? 0) : 0;
    return back + (this.mailbox?.count ?? 0);
  }
}

/**
 * A name as it is seen by the one class that may set some of its fields. Everywhere else these fields are read-only.
 * They stand in the name so that a name is one object, found with one look-up.
 */
export type Owned<Fields extends keyof Name> = Omit<Name, Fields> & { -readonly [Field in Fields]: Name[Field] };

/** A name's bytes as the key of a Map. */
export function nameKey(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
