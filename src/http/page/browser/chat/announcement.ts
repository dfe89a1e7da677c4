/** What a screen reader says of messages that came: one in its words, several as a number. */
import { shownName, shownText } from '../parts/shown.ts';
import type { Came } from './model/events.ts';

/** Characters of a message that are said. */
const SAID_CHARS = 200;

export function announcementOf(came: readonly Came[]): string {
  const last = came.at(-1);
  if (last === undefined) return '';
  if (came.length > 1) return `${came.length} new messages, the last one from ${shownName(last.from)}`;
  return `${shownName(last.from)}: ${shownText(last.text.slice(0, SAID_CHARS))}`;
}
