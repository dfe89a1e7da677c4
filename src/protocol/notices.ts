/**
 * Every line the broker itself says to a peer. A notice begins with `* `, which no delivered line does.
 */
import type { NewsKind } from '../shared/wire/events.ts';
import { shownName } from './strict/stand-ins.ts';

const encoder = new TextEncoder();
const MAX_SHOWN_BYTES = 256;

/** What a shard says of a name. Times are seconds since 1970. */
export type NameStanding =
  | { readonly state: 'here' | 'unknown'; readonly waiting: number }
  | { readonly state: 'away'; readonly since: number; readonly waiting: number };

export type Notice =
  | { readonly kind: 'taken'; readonly name: Uint8Array }
  | { readonly kind: 'waits'; readonly name: Uint8Array }
  | { readonly kind: 'welcome' | 'yours'; readonly name: Uint8Array; readonly waitingMessages: number }
  | { readonly kind: 'unsent'; readonly name: Uint8Array }
  | { readonly kind: 'too many names'; readonly max: number }
  | { readonly kind: NewsKind; readonly name: Uint8Array; readonly more: number }
  /** Drops that are not counted by name. */
  | { readonly kind: 'others'; readonly more: number }
  | { readonly kind: 'refused line'; readonly reason: string }
  | { readonly kind: 'left out'; readonly count: number }
  | { readonly kind: 'hint' }
  | { readonly kind: 'help' }
  | { readonly kind: 'no command'; readonly word: Uint8Array }
  | { readonly kind: 'who'; readonly names: readonly Uint8Array[]; readonly count: number }
  | { readonly kind: 'who is'; readonly name: Uint8Array; readonly standing: NameStanding }
  | { readonly kind: 'closing'; readonly reason: string };

const HELP = [
  'NAME, NAME: MESSAGE   sends the message to these names',
  '/who                  says who is here',
  '/who NAME             says whether NAME is here, and how much mail waits for it',
  '/quit                 ends your session; mail for you waits until you are back',
];

/** The notice as the bytes of one line, or of several, LF included. */
export function noticeLine(notice: Notice): Uint8Array {
  switch (notice.kind) {
    case 'welcome':
      return about(
        'you are ',
        notice.name,
        notice.waitingMessages === 0 ? '' : `: ${messages(notice.waitingMessages)} waited`,
      );
    case 'taken':
      return about('', notice.name, ' is taken: you can send, and receive nothing');
    case 'waits':
      return about('', notice.name, ' is taken: you wait until it is free');
    case 'yours':
      return about('', notice.name, ` is yours now: ${messages(notice.waitingMessages)} waited`);
    case 'unsent':
      return about('', notice.name, ' is taken: nothing that you wrote was sent');
    case 'held':
    case 'unknown':
    case 'full':
    case 'unstored':
      return news(notice.kind, notice.name, notice.more);
    case 'too many names':
      return said(`line to more than ${notice.max} names: nothing of it is sent`);
    case 'others':
      return said(`${moreMessages(notice.more)} to other names ${were(notice.more)} dropped or refused`);
    case 'refused line':
      return said(`not sent: ${notice.reason}`);
    case 'left out':
      return said(`${notice.count} more notices were left out`);
    case 'hint':
      return said('to send, say "NAME: MESSAGE"; /help says more');
    case 'help':
      return said(HELP.join('\n* '));
    case 'no command':
      return about('there is no command ', notice.word, ': /help says which there are');
    case 'who':
      return who(notice.names, notice.count);
    case 'who is':
      return about('', notice.name, ` is ${standing(notice.standing)}`);
    case 'closing':
      return said(notice.reason);
    default:
      return notice satisfies never;
  }
}

function news(kind: NewsKind, name: Uint8Array, more: number): Uint8Array {
  const those = `${moreMessages(more)} ${were(more)}`;
  switch (kind) {
    case 'held':
      return about('', name, ' is away: mail is held');
    case 'unknown':
      return about('', name, more === 0 ? ' is unknown: mail is dropped' : ` is unknown: ${those} dropped`);
    case 'full':
      return about('the mailbox of ', name, more === 0 ? ' is full: mail is refused' : ` is full: ${those} refused`);
    case 'unstored':
      return about('mail for ', name, ` cannot be stored now: ${more === 0 ? 'it is' : those} refused`);
    default:
      return kind satisfies never;
  }
}

function who(names: readonly Uint8Array[], count: number): Uint8Array {
  if (count === 0) return said('nobody is here');
  const shown = names.map((name) => Buffer.from(shortened(name)).toString()).join(', ');
  const some = count > names.length ? `; ${names.length} of them` : '';
  return said(`${count} ${count === 1 ? 'is' : 'are'} here${some}: ${shown}`);
}

function standing(is: NameStanding): string {
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

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}

function moreMessages(count: number): string {
  return count === 1 ? '1 more message' : `${count} more messages`;
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were';
}

function said(text: string): Uint8Array {
  return encoder.encode(`* ${text}\n`);
}

function about(before: string, name: Uint8Array, after: string): Uint8Array {
  return Buffer.concat([encoder.encode(`* ${before}`), shortened(name), encoder.encode(`${after}\n`)]);
}

/** A destination can be as long as a line: the notice about it need not be. Cut where a character begins. */
function shortened(name: Uint8Array): Uint8Array {
  if (name.length <= MAX_SHOWN_BYTES) return shownName(name);
  let end = MAX_SHOWN_BYTES;
  while (end > 0 && ((name[end] as number) & 0xc0) === 0x80) end--;
  return Buffer.concat([shownName(name.subarray(0, end)), encoder.encode('…')]);
}
