/** What became of a message, in words. */

import type { States } from '../model/conversations.ts';
import { isRefused, type SentState } from '../model/events.ts';

/** How a state looks. */
type Tone = 'plain' | 'good' | 'warn' | 'bad';

const WORDS: Readonly<Record<SentState, readonly [string, Tone]>> = {
  sending: ['sending', 'plain'],
  taken: ['sent', 'plain'],
  held: ['held until they are back', 'warn'],
  acked: ['delivered', 'good'],
  rejected: ['rejected', 'bad'],
  expired: ['expired', 'bad'],
  purged: ['dropped by an operator', 'bad'],
  unknown: ['not sent: nobody of that name was ever here', 'bad'],
  full: ['not sent: the mailbox is full', 'bad'],
  unstored: ['not sent: it cannot be stored now', 'bad'],
  forbidden: ['not sent: you may not write to this name', 'bad'],
  unsure: ['nobody knows whether it was sent', 'bad'],
  'too long': ['not sent: too long', 'bad'],
  failed: ['not sent', 'bad'],
};

/** What is true of some of the names of a message. */
interface StateWords {
  readonly names: readonly string[];
  readonly text: string;
  readonly tone: Tone;
}

/** The words for all names of a message. Names of which the same is true stand together. */
export function stateWords(states: States): StateWords[] {
  const byState = new Map<SentState, string[]>();
  for (const [name, state] of Object.entries(states)) byState.set(state, [...(byState.get(state) ?? []), name]);
  return Array.from(byState, ([state, names]) => {
    const [text, tone] = WORDS[state];
    return { names, text, tone };
  });
}

/** Whether it makes sense to send a message again: nobody has got it. */
export function canBeSentAgain(states: States): boolean {
  return Object.values(states).every(isRefused);
}
