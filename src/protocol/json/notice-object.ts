/** What the broker tells a program, as objects. `type` comes first in each. */
import { type CodedNotice, noticeText } from '../../shared/codes/notice-texts.ts';
import { type Notice, shownText } from '../notice-line.ts';

/** The limits that a program is told when it is welcome. */
export interface ToldLimits {
  readonly line: number;
  readonly destinations: number;
  readonly window: number;
}

/** After so many seconds a program that was sent away because the broker stops may try again. */
const RETRY_SECONDS = 2;

/** @returns the object for a notice */
export function noticeObject(notice: Notice, limits: ToldLimits): object {
  if ('message' in notice) return { type: 'bye', code: notice.code, message: notice.message };
  switch (notice.code) {
    case 'WELCOME':
    case 'NAME_YOURS': {
      const { waitingMessages: waiting, lastNumber: last } = notice;
      return { type: 'welcome', v: 1, name: nameText(notice.name), waiting, last, limits };
    }
    case 'NAME_AWAITED':
      return { type: 'waiting', name: nameText(notice.name) };
    case 'PONG':
      return { type: 'pong' };
    case 'ACCEPTED':
      return { type: 'accepted', id: notice.id, to: notice.to, duplicate: false };
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

function textOf(notice: CodedNotice): string {
  return noticeText(notice, shownText);
}

function nameText(name: Uint8Array): string {
  return Buffer.from(name).toString();
}
