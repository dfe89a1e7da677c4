/** What became of a message that was sent, in the words of a chat. */
import { ConnectionError, RefusedError } from '../../../../tools/library/browser.ts';
import type { SentState } from './model/events.ts';

const OUTCOMES: readonly SentState[] = ['taken', 'held', 'unknown', 'full', 'unstored', 'forbidden'];
const RECEIPTS: readonly SentState[] = ['acked', 'rejected', 'expired', 'purged'];

/** What the broker has said of a message for a name. */
export function outcomeOf(word: string | undefined): SentState {
  return OUTCOMES.find((outcome) => outcome === word) ?? 'failed';
}

/** @returns undefined if it is a receipt that this page does not know */
export function receiptOf(word: string): SentState | undefined {
  return RECEIPTS.find((receipt) => receipt === word);
}

/** Why `send` has rejected, for one of the names. */
export function failureOf(error: unknown, name: string): SentState {
  if (error instanceof RefusedError) {
    const outcome = error.to[name];
    if (outcome !== undefined) return outcomeOf(outcome);
    return error.code === 'LINE_TOO_LONG' ? 'too long' : 'failed';
  }
  return error instanceof ConnectionError ? 'unsure' : 'failed';
}
