/** What the broker tells a program, as objects. `type` comes first in each. */
import { type CodedNotice, type NameStanding, noticeText } from '../../shared/codes/notice-texts.ts';
import { type Notice, shownText } from '../notice-line.ts';

/** The limits that a program is told when it is welcome. */
interface ToldLimits {
  readonly line: number;
  readonly destinations: number;
  readonly window: number;
}

/** After so many seconds a program that was sent away because the broker stops may try again. */
const RETRY_SECONDS = 2;

/** What a program is told when it is welcome: when it is pinged, in seconds of silence, and its limits. */
export interface ToldAtWelcome {
  readonly ping: number;
  readonly limits: ToldLimits;
}

/** @returns the object for a notice */
export function noticeObject(notice: Notice, told: ToldAtWelcome): object {
  if ('message' in notice) {
    const { code, message, retry } = notice;
    return { type: 'bye', code, message, retry };
  }
  switch (notice.code) {
    case 'WELCOME':
    case 'NAME_YOURS': {
      const { waitingMessages: waiting, lastNumber: last } = notice;
      return { type: 'welcome', v: 1, name: nameText(notice.name), waiting, last, ...told };
    }
    case 'NAME_AWAITED':
      return { type: 'waiting', name: nameText(notice.name) };
    case 'PONG':
      return { type: 'pong' };
    case 'PING':
      return { type: 'ping' };
    case 'ANSWERED':
      return { type: 'who', id: notice.id, names: notice.names.map(nameObject) };
    case 'PRESENCE':
      return { type: 'presence', name: nameText(notice.name), here: notice.here, time: notice.time };
    case 'WATCHES_FULL':
      return { type: 'error', id: notice.id, code: notice.code, message: textOf(notice) };
    case 'RECEIPT':
      return { type: 'receipt', id: notice.id, name: nameText(notice.name), state: notice.state };
    case 'ACCEPTED':
      return { type: 'accepted', id: notice.id, to: Object.fromEntries(notice.to), duplicate: notice.duplicate };
    case 'SHARD_RESTARTED':
      return { type: 'error', id: notice.id, code: notice.code, message: textOf(notice), retry: RETRY_SECONDS };
    case 'BAD_REQUEST':
      return { type: 'error', id: notice.id, code: notice.code, message: notice.problem };
    case 'STOPPING':
      return { type: 'bye', code: notice.code, message: textOf(notice), retry: RETRY_SECONDS };
    case 'MAIL_HELD':
    case 'NAME_UNKNOWN':
    case 'MAILBOX_FULL':
    case 'MAIL_UNSTORED':
    case 'NAME_FORBIDDEN':
      return {
        type: 'notice',
        code: notice.code,
        name: nameText(notice.name),
        count: notice.more === 0 ? 1 : notice.more,
        text: textOf(notice),
      };
    default:
      return { type: 'notice', code: notice.code, text: textOf(notice) };
  }
}

/** What is known of a name, without what says nothing. */
function nameObject({ name, standing }: { readonly name: Uint8Array; readonly standing: NameStanding }): object {
  const { state, waiting } = standing;
  return {
    name: nameText(name),
    here: state === 'here',
    since: state === 'away' ? Math.floor(standing.since) : undefined,
    waiting: waiting === 0 ? undefined : waiting,
  };
}

function textOf(notice: CodedNotice): string {
  return noticeText(notice, shownText);
}

function nameText(name: Uint8Array): string {
  return Buffer.from(name).toString();
}
