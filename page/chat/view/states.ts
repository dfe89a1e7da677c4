/** What became of a message, in words. */

import { shownName } from '../../parts/shown.ts';
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
  unknown: ['not sent: nobody of that name was ever here', 'bad'],
  full: ['not sent: the mailbox is full', 'bad'],
  unstored: ['not sent: it cannot be stored now', 'bad'],
  unsure: ['nobody knows whether it was sent', 'bad'],
  'too long': ['not sent: too long', 'bad'],
  failed: ['not sent', 'bad'],
};

const TONES: readonly Tone[] = ['bad', 'warn', 'plain', 'good'];

export interface StateWords {
  readonly text: string;
  readonly tone: Tone;
  /** It makes sense to send it again. */
  readonly again: boolean;
}

/** The words for all names of a message. Names of which the same is true stand together. */
export function stateWords(states: States): StateWords {
  const byState = new Map<SentState, string[]>();
  for (const [name, state] of Object.entries(states)) byState.set(state, [...(byState.get(state) ?? []), name]);
  const parts = [...byState].map(([state, names]) => {
    return byState.size === 1 ? WORDS[state][0] : `${names.map(shownName).join(', ')}: ${WORDS[state][0]}`;
  });
  const tones = [...byState.keys()].map((state) => WORDS[state][1]);
  return {
    text: parts.join(' · '),
    tone: TONES.find((tone) => tones.includes(tone)) ?? 'plain',
    again: [...byState.keys()].every(isRefused),
  };
}
