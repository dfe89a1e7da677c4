/** One conversation: who it is with, what was said, and where to write. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useCallback } from 'preact/hooks';
import { type Entry, keyOf } from '../model/conversations.ts';
import type { Sends } from '../model/events.ts';
import type { ChatSession } from '../session.ts';
import { Composer } from './composer.ts';
import { Messages } from './messages.ts';
import { Dot, Names, presenceText } from './names.ts';

interface Props {
  readonly session: ChatSession;
  readonly names: readonly string[];
}

const NO_ENTRIES: readonly Entry[] = [];

export function Thread({ session, names }: Props): VNode {
  const { entries = NO_ENTRIES } = session.conversations.get(keyOf(names)) ?? {};
  const sendAgain = useCallback(({ to, text }: Sends) => session.send(to, text), [session]);
  return html`
    <section class="thread" aria-label=${`Conversation with ${names.join(', ')}`}>
      <header>
        <a class="back" href="#chat" aria-label="Back to the conversations">
          <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path d="M12 4 6 10l6 6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
          </svg>
        </a>
        <h1><${Names} names=${names} /></h1>
        <p class="small soft">
          <${Dot} names=${names} presences=${session.presences} /> ${presenceText(names, session.presences)}
        </p>
      </header>
      <${Messages} entries=${entries} sendAgain=${sendAgain} />
      <${Composer} names=${names} send=${(text: string) => session.send(names, text)} />
    </section>
  `;
}
