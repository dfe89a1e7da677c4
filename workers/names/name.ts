/**
 * One name: its holder, its mailbox, and the number of its next frame. Most names are away and have no mail, so most
 * fields may be undefined.
 */
import { isAddressable } from '../../src/protocol/plain/addressed-line.ts';
import { nameProblem } from '../../src/protocol/strict/strict-name.ts';
import { widen } from '../../src/shared/common/serial-arithmetic.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Attachment } from './attachment.ts';

/** A name that begins with a tilde is not remembered. It is for peers that come once, such as a health check. */
const TILDE = 0x7e;

export class Name {
  readonly bytes: Uint8Array;
  readonly hash: number;
  /** The next name of the same bucket. */
  next: Name | undefined;

  /** The attachment that receives under this name. Only name-ownership.ts sets it and `unsettled`. */
  readonly holder: Attachment | undefined;
  /**
   * The previous holder, until every frame that it was handed is accounted for. Until then nothing is delivered to the
   * name.
   */
  readonly unsettled: Attachment | undefined;
  /** The number of its next frame, whether that frame is delivered at once or held. Only frame-numbers.ts sets it. */
  readonly nextNumber: number;
  /** Its mail that waits or is in the store; undefined if there is none. */
  mailbox: Mailbox | undefined;
  /** The next number as the index record in the store has it; 0 if there is no record. */
  storedNumber = 0;
  /** Changes whenever senders would be told something else of this name. Only sender-notices.ts sets it and `full`. */
  readonly stateVersion: number = 0;
  /** Whether senders are told that its mailbox is full. */
  readonly full: boolean = false;
  /** True while it is remembered, without an attachment and settled. Only away-names.ts sets it. */
  readonly away: boolean = false;
  /** When its last holder left, in seconds. */
  readonly awaySince: number = 0;

  /** The frames of this turn for the holder: a linked list of indices. Only turn-deliveries.ts sets these fields. */
  readonly firstTurnFrame: number = -1;
  readonly lastTurnFrame: number = -1;
  readonly turnFrames: number = 0;
  readonly turnBytes: number = 0;
  /** The number of the first of these frames. The numbers of the others follow without a gap. */
  readonly firstTurnNumber: number = 0;

  /** Whether the name is remembered, and its mail held, while it is away. */
  readonly remembered: boolean;

  /** Whether it is in the list of idle names, and its neighbours there. Only forgettable-names.ts sets these fields. */
  readonly idle: boolean = false;
  readonly olderIdle: Name | undefined;
  readonly newerIdle: Name | undefined;

  /**
   * @param firstNumber the number of its first frame
   * @param holds whether mail is held for names that are away; if not, the name is not remembered
   */
  constructor(bytes: Uint8Array, hash: number, firstNumber: number, holds = true) {
    this.bytes = bytes;
    this.hash = hash;
    this.nextNumber = firstNumber;
    this.remembered = holds && bytes[0] !== TILDE && isAddressable(bytes);
  }

  /**
   * The messages that are delivered before anything newer: the mailbox, and what the previous holder did not write.
   */
  get waitingMessages(): number {
    const back = this.remembered ? (this.unsettled?.unwrittenFrames ?? 0) : 0;
    return back + (this.mailbox?.count ?? 0);
  }

  /**
   * The number of the last frame that does not wait. What the previous holder did not write may wait again, and its
   * numbers have no gap, unless mail became too old: so this can be too low, and never too high.
   */
  get lastDone(): number {
    if (this.unsettled !== undefined) return widen(this.unsettled.writtenNumber, this.nextNumber);
    return (this.mailbox?.firstWaiting(this.nextNumber) ?? this.nextNumber) - 1;
  }
}

/**
 * A name, as the one class sees it that may set some of its fields. For all others these fields are read-only. They are
 * in the name so that a name is one object, found by one look-up.
 */
export type Owned<Fields extends keyof Name> = Omit<Name, Fields> & { -readonly [Field in Fields]: Name[Field] };

/**
 * Whether a peer may have this name one day.
 * @param strict whether names that could deceive who reads them are refused
 */
export function isPossibleName(name: Uint8Array, maxNameBytes: number, strict: boolean): boolean {
  if (name.length === 0 || name.length > maxNameBytes) return false;
  return strict ? nameProblem(name) === undefined : isAddressable(name);
}

/** Whether two are one name, though it was forgotten and added again meanwhile. Both are of one table. */
export function isSameName(one: Name, other: Name): boolean {
  return one === other || (one.hash === other.hash && Buffer.compare(one.bytes, other.bytes) === 0);
}

/** Whether no writer can have mail of the name in its hands. */
export function isFree({ holder, unsettled }: Name): boolean {
  return holder === undefined && unsettled === undefined;
}

/** Whether no writer has mail of the name in its hands now. */
export function isInNoHands({ holder, unsettled }: Name): boolean {
  return unsettled === undefined && (holder?.outstandingFrames ?? 0) === 0;
}

/** The bytes of a name, as the key of a Map. */
export function nameKey(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
