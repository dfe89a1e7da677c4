/**
 * What an operator asks a shard over the control port, and what it answers. Every answer is bounded, in messages or
 * names and in bytes, and so is the time that a question takes of the shard: whoever wants more asks again.
 */

/** Messages in one answer at most. */
export const MAX_ASKED_MESSAGES = 1_000;
/** Names in one answer at most. */
export const MAX_ASKED_NAMES = 1_000;
/** So much of the text of each message is shown, in bytes. */
export const SHOWN_TEXT_BYTES = 1_024;
/** One question drops so many messages at most. */
export const MAX_PURGED_MESSAGES = 2_000;

/** Which names are asked for. */
export interface NamesQuestion {
  readonly prefix: string;
  readonly state: 'here' | 'away' | 'any';
  /** Whether only names with mail that waits are asked for. */
  readonly waiting: boolean;
  readonly limit: number;
  /** Where to begin: 0, or `next` of the answer before; or behind a name. */
  readonly from: number | { readonly behind: string };
}

/** One name that is known. */
export interface AskedName {
  readonly name: string;
  readonly state: 'here' | 'away';
  readonly waitingMessages: number;
  readonly waitingBytes: number;
  /** How old its first message that waits is; 0 if none waits. */
  readonly oldestSeconds: number;
}

/** Some names, in an order that stays the same while the shard lives. */
export interface NamesPage {
  readonly names: readonly AskedName[];
  /** Where the next question begins; undefined if no name is left. */
  readonly next: number | undefined;
  /** The last name that was looked at, whether or not it was one of those that are asked for. */
  readonly last: string | undefined;
}

/** One message that waits. */
export interface AskedMessage {
  readonly seq: number;
  readonly from: string;
  /** In seconds since 1970. */
  readonly heldAt: number;
  /** In seconds since 1970; undefined if it does not expire. */
  readonly expires: number | undefined;
  /** The bytes that are counted for it. */
  readonly bytes: number;
  readonly durable: boolean;
  /** Whether a program has sent it. Then its body is JSON. */
  readonly isJson: boolean;
  /** The first SHOWN_TEXT_BYTES of its body. */
  readonly body: string;
  readonly cut: boolean;
}

/** Why a shard does not do what it is asked. */
export type AskedRefusal =
  | { readonly state: 'unknown' }
  /** As much is being asked as a shard takes at a time, or it has only begun. */
  | { readonly state: 'busy' }
  | { readonly state: 'unreadable' }
  | { readonly state: 'unwritable' };

/** The mail of a name, or a part of it. */
export interface MailPage {
  readonly state: 'mail';
  readonly messages: readonly AskedMessage[];
  readonly more: boolean;
  /** How many messages a connected peer has been given and has not worked off. They do not wait. */
  readonly inHands: number;
}

/** What was dropped. It does not come again, whatever crashes. */
export interface Purged {
  readonly state: 'purged';
  readonly purged: number;
  /** Whether mail may be left that was there when the first question came. */
  readonly more: boolean;
  /** The number before which mail is dropped. The next question has it, so that newer mail stays. */
  readonly before: number;
}

/** The questions. */
export interface AskedCalls {
  names(question: NamesQuestion): NamesPage;
  /** @param after the number behind which the messages are */
  mail(name: string, after: number, limit: number): Promise<MailPage | AskedRefusal>;
  /** Drops the mail of a name that waits, or some of it. @param before see Purged; undefined: all that is there now */
  purge(name: string, before: number | undefined): Promise<Purged | AskedRefusal>;
  /** Drops one message that waits. */
  purgeOne(name: string, seq: number): Promise<Purged | AskedRefusal>;
}
