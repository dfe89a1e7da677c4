/**
 * What happens in a chat, one thing after another. What is shown follows from these events and from nothing else. So a
 * page that is loaded again plays them again, and shows what it showed before.
 */

/**
 * What became of a message for one name: `sending` until the broker has answered, then one of its outcomes (`taken` and
 * the following), and at last what its receipt says (`acked` and the following). `unsure`: nobody knows.
 */
export type SentState =
  | 'sending'
  | 'taken'
  | 'held'
  | 'unknown'
  | 'full'
  | 'unstored'
  | 'forbidden'
  | 'unsure'
  | 'too long'
  | 'failed'
  | 'acked'
  | 'rejected'
  | 'expired'
  | 'purged';

/** A message that came. */
export interface Came {
  readonly kind: 'came';
  readonly seq: number;
  readonly from: string;
  readonly text: string;
  /** Its body is no text, but other JSON. */
  readonly isJson?: boolean;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** It waited in the mailbox. */
  readonly waited?: boolean;
}

/** A message that is sent. */
export interface Sends {
  readonly kind: 'sends';
  readonly id: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly time: number;
}

/** Something else that is said in a conversation. */
export interface Said {
  readonly kind: 'said';
  readonly with: readonly string[];
  readonly text: string;
  readonly time: number;
}

export type ChatEvent =
  | Came
  | Sends
  | Said
  | { readonly kind: 'state'; readonly id: string; readonly name: string; readonly state: SentState }
  /** Somebody has seen what came in a conversation. */
  | { readonly kind: 'read'; readonly with: readonly string[] };

/** Whether a receipt, which is the last word on a message, has come. */
export function isFinal(state: SentState): boolean {
  return ['acked', 'rejected', 'expired', 'purged'].includes(state);
}

/** Whether a message was not taken, so that it can be sent again. */
export function isRefused(state: SentState): boolean {
  return ['unknown', 'full', 'unstored', 'forbidden', 'unsure', 'failed'].includes(state);
}
