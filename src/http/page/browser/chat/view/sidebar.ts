/** The conversations, the newest first. The arrow keys go through them. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { shownName, shownText } from '../../parts/shown.ts';
import { type Conversation, type Entry, keyOf } from '../model/conversations.ts';
import { addressOf, type Route } from '../route.ts';
import type { ChatSession } from '../session.ts';
import { Dot, Names, presenceText } from './names.ts';
import { shortTime } from './times.ts';

/** Characters of the last message that are shown. */
const GLIMPSE_CHARS = 80;
const MAX_COUNTED = 99;

interface Props {
  readonly session: ChatSession;
  readonly route: Route;
  readonly leave: () => void;
}

export function Sidebar({ session, route, leave }: Props): VNode {
  const list = useRef<HTMLUListElement>(null);
  const conversations = session.conversations.all;
  const chosen = route.screen === 'with' ? keyOf(route.names) : undefined;
  const isListed = conversations.some(({ key }) => key === chosen);
  const lastChosen = useRef(chosen);
  useEffect(() => {
    if (route.screen !== 'list') lastChosen.current = chosen;
    // What had the focus is gone, and who has no mouse goes on from the conversation that was shown.
    else if (document.activeElement === document.body)
      focusOn(list.current, indexOf(conversations, lastChosen.current));
  }, [route.screen, chosen]);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const links = [...(list.current?.querySelectorAll('a') ?? [])];
    links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]?.focus();
  };
  return html`
    <aside class="sidebar" aria-label="Conversations">
      <div class="me">
        <p>
          <span class="small soft">You are</span><br />
          <strong><bdi>${shownName(session.name)}</bdi></strong>
        </p>
        <button type="button" class="quiet small" onClick=${leave}>Leave</button>
      </div>
      <a class="button new" href="#chat/new" aria-current=${route.screen === 'new' ? 'page' : undefined}>
        New conversation
      </a>
      ${conversations.length === 0 && html`<p class="small soft none">Nobody has written yet.</p>`}
      <ul ref=${list} onKeyDown=${move}>
        ${conversations.map((conversation, index) => {
          const isChosen = conversation.key === chosen;
          // One of them is reached by Tab, and the others from there.
          const tabindex = isChosen || (!isListed && index === 0) ? 0 : -1;
          return html`<li key=${conversation.key}>
            <a
              href=${`#chat/${addressOf(conversation.names)}`}
              tabindex=${tabindex}
              aria-current=${isChosen ? 'page' : undefined}
            >
              <${Line} conversation=${conversation} session=${session} />
            </a>
          </li>`;
        })}
      </ul>
    </aside>
  `;
}

function indexOf(conversations: readonly Conversation[], chosen: string | undefined): number {
  return Math.max(
    0,
    conversations.findIndex(({ key }) => key === chosen),
  );
}

function focusOn(list: HTMLElement | null, index: number): void {
  const begin = list?.parentElement?.querySelector<HTMLElement>('.new');
  (list?.querySelectorAll('a')[index] ?? begin)?.focus();
}

function Line({
  conversation,
  session,
}: {
  readonly conversation: Conversation;
  readonly session: ChatSession;
}): VNode {
  const { names, entries, unread } = conversation;
  const last = entries.at(-1);
  const count = unread > MAX_COUNTED ? `${MAX_COUNTED}+` : String(unread);
  return html`
    <${Dot} names=${names} presences=${session.presences} />
    <span class="who"><${Names} names=${names} /></span>
    <span class="unseen">${presenceText(names, session.presences)}</span>
    <time class="small soft">${last === undefined ? '' : shortTime(last.time)}</time>
    <span class="glimpse small soft"><bdi>${last === undefined ? '' : glimpseOf(last)}</bdi></span>
    ${unread > 0 && html`<span class="count">${count}<span class="unseen"> new</span></span>`}
  `;
}

function glimpseOf(entry: Entry): string {
  const text = shownText(entry.text.slice(0, GLIMPSE_CHARS)).replace(/\s+/g, ' ');
  return entry.kind === 'sends' ? `You: ${text}` : text;
}
