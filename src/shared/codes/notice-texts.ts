/**
 * The notices that the broker sends a peer, each code with its text. Why a session ends is not among them. The plain
 * protocol sends the text after `* `; a text may have several lines.
 */
import { type FieldsOf, filled } from './template.ts';

/** Turns a name into the text that is shown for it. */
export type Show = (name: Uint8Array) => string;

interface Named {
  readonly name: Uint8Array;
}

/** A name, how much mail waited for it and is delivered next, and the number of the last message that does not wait. */
interface Waited extends Named {
  readonly waitingMessages: number;
  readonly lastNumber: number;
}

/** News of a destination. `more` is 0 for the first notice; later it counts the messages since the last one. */
interface News extends Named {
  readonly more: number;
}

/** What is known about a name. Times are in seconds since 1970. */
export type NameStanding =
  | { readonly state: 'here' | 'unknown'; readonly waiting: number }
  | { readonly state: 'away'; readonly since: number; readonly waiting: number };

/** The answer to a question about names. */
interface NamesAnswered {
  readonly id: string;
  readonly names: readonly (Named & { readonly standing: NameStanding })[];
}

/** A limit of watched names that is reached, and who reaches it together. */
interface WatchLimit {
  readonly id: string | undefined;
  readonly max: number;
  readonly by: 'one program' | 'all programs together';
}

const HELP = [
  'NAME, NAME: MESSAGE   sends the message to these names',
  '/who                  says who is here',
  '/who NAME             says whether NAME is here, and how much mail waits for it',
  '/quit                 ends your session; mail for you waits until you are back',
];

/** The text of each notice. */
export const NOTICES = {
  WELCOME: ({ name, waitingMessages }: Waited, show: Show) =>
    `you are ${show(name)}${waitingMessages === 0 ? '' : `: ${messages(waitingMessages)} waited`}`,
  PROOF_ASKED: ({ name }: Named, show: Show) => `password for ${show(name)}?`,
  NAME_AWAITED: ({ name }: Named, show: Show) => `${show(name)} is taken: you wait until it is free`,
  NAME_YOURS: ({ name, waitingMessages }: Waited, show: Show) =>
    `${show(name)} is yours now: ${messages(waitingMessages)} waited`,
  NOTHING_SENT: ({ name }: Named, show: Show) => `${show(name)} is taken: nothing that you wrote was sent`,
  SEND_ONLY: ({ name }: Named, show: Show) => `${show(name)} is taken: you can send, and receive nothing`,

  MAIL_HELD: ({ name }: News, show: Show) => `${show(name)} is away: mail is held`,
  NAME_UNKNOWN: ({ name, more }: News, show: Show) =>
    `${show(name)} is unknown: ${more === 0 ? 'mail is' : moreWere(more)} dropped`,
  MAILBOX_FULL: ({ name, more }: News, show: Show) =>
    `the mailbox of ${show(name)} is full: ${more === 0 ? 'mail is' : moreWere(more)} refused`,
  MAIL_UNSTORED: ({ name, more }: News, show: Show) =>
    `mail for ${show(name)} cannot be stored now: ${more === 0 ? 'it is' : moreWere(more)} refused`,
  NAME_FORBIDDEN: ({ name, more }: News, show: Show) =>
    `you may not write to ${show(name)}: ${more === 0 ? 'mail is' : moreWere(more)} refused`,
  /** Messages to names for which the drops are not counted one by one. */
  OTHERS_DROPPED: ({ more }: { readonly more: number }) =>
    `${messages(more, 'more ')} to other names ${more === 1 ? 'was' : 'were'} dropped or refused`,

  HINT: () => 'to send, say "NAME: MESSAGE"; /help says more',
  TOO_MANY_NAMES: ({ max }: { readonly max: number }) => `line to more than ${max} names: nothing of it is sent`,
  LINE_REFUSED: ({ reason }: { readonly reason: string }) => `not sent: ${reason}`,
  HELP: () => HELP.join('\n'),
  WHO: ({ names, count }: { readonly names: readonly Uint8Array[]; readonly count: number }, show: Show) => {
    if (count === 0) return 'nobody is here';
    const some = count > names.length ? `; ${names.length} of them` : '';
    return `${count} ${count === 1 ? 'is' : 'are'} here${some}: ${names.map(show).join(', ')}`;
  },
  WHO_IS: ({ name, standing }: Named & { readonly standing: NameStanding }, show: Show) =>
    `${show(name)} is ${standingText(standing)}`,
  NO_COMMAND: ({ word }: { readonly word: Uint8Array }, show: Show) =>
    `there is no command ${show(word)}: /help says which there are`,
  BAD_REQUEST: ({ problem }: { readonly problem: string; readonly id?: string | undefined }) =>
    `not understood: ${problem}`,
  PONG: () => 'pong',
  RECEIPT: ({ id, state }: { readonly id: string; readonly name: Uint8Array; readonly state: string }) =>
    `${id} is ${state}`,
  ACCEPTED: ({
    id,
  }: {
    readonly id: string;
    readonly to: readonly (readonly [name: string, outcome: string])[];
    readonly duplicate: boolean;
  }) => `${id} is accepted`,
  SHARD_RESTARTED: ({ id }: { readonly id: string }) => `what became of ${id} is not known: send it again`,
  ANSWERED: ({ id }: NamesAnswered) => `${id} is answered`,
  PRESENCE: ({ name, here }: Named & { readonly here: boolean; readonly time: number }, show: Show) =>
    `${show(name)} is ${here ? 'here' : 'not here'}`,
  WATCHES_FULL: ({ max, by }: WatchLimit) => `${by} may watch ${max} names: none of these is added`,
  PING: () => 'ping',
  SLOWED: () => 'you send more than you may: it is read more slowly, and nothing of it is lost',
  LEFT_OUT: ({ count }: { readonly count: number }) => `${count} more notices were left out`,
  STOPPING: () => 'the broker is stopping',
};

export type NoticeCode = keyof typeof NOTICES;

/** A code with the fields of its text. */
export type CodedNotice = { [C in NoticeCode]: { readonly code: C } & FieldsOf<(typeof NOTICES)[C]> }[NoticeCode];

/**
 * @returns the text of a notice, which may have several lines
 * @param show turns a name into text
 */
export function noticeText(notice: CodedNotice, show: Show): string {
  return filled(NOTICES[notice.code], notice, show);
}

function standingText(is: NameStanding): string {
  const wait = is.waiting === 0 ? 'nothing waits' : `${messages(is.waiting)} ${is.waiting === 1 ? 'waits' : 'wait'}`;
  switch (is.state) {
    case 'here':
      return `here: ${wait}`;
    case 'away':
      return `away since ${minuteOf(is.since)}: ${wait}`;
    case 'unknown':
      return 'unknown';
    default:
      return is satisfies never;
  }
}

/** `2025-11-26 13:47 UTC` */
function minuteOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function messages(count: number, more = ''): string {
  return `${count} ${more}${count === 1 ? 'message' : 'messages'}`;
}

function moreWere(count: number): string {
  return `${messages(count, 'more ')} ${count === 1 ? 'was' : 'were'}`;
}
