/** Why mail was dropped instead of held: each reason with its text in the log. */

/** The text of each reason. */
export const DROPS = {
  UNKNOWN_NAME: 'unknown name',
  MAILBOX_MESSAGES: 'mailbox has too many messages',
  MAILBOX_BYTES: 'mailbox has too many bytes',
  HELD_BYTES: 'all mailboxes have too many bytes',
  STORE_UNWRITABLE: 'the store cannot be written',
  TOO_OLD: 'too old',
  EXPIRED: 'expired, as its sender wished',
  PURGED: 'purged by an operator',
  NOTHING_HELD: 'nothing is held',
  REJECTED: 'rejected by its program',
  MAIL_DAMAGED: 'damaged in the store',
} as const;

export type DropReason = keyof typeof DROPS;

/** A reason as a metric label, such as `unknown_name`. */
export type DropLabel = Lowercase<DropReason>;

/** All reasons, in the order of DROPS. */
export const DROP_REASONS = Object.keys(DROPS) as readonly DropReason[];

/** @returns the metric label of a reason */
export function dropLabel(reason: DropReason): DropLabel {
  return reason.toLowerCase() as DropLabel;
}
