/** The half in which a browser is a peer. Its session goes on while the other half is shown. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Store, useStore } from '../parts/store.ts';
import { place } from '../parts/view.ts';
import { Log } from './model/log.ts';
import { routeOf } from './route.ts';
import { ChatSession } from './session.ts';
import { rememberedName, rememberName, sessionKeeper } from './storage.ts';
import { Banner } from './view/banner.ts';
import { NewConversation } from './view/new-conversation.ts';
import { Sidebar } from './view/sidebar.ts';
import { SignIn } from './view/sign-in.ts';
import { Thread } from './view/thread.ts';
import { Waiting } from './view/waiting.ts';

const LOG_PREFIX = 'restante:chat:';

const current = new Store<ChatSession | undefined>(undefined);
/** Why there is no session, if there was one. */
const ended = new Store<{ readonly name: string; readonly text: string } | undefined>(undefined);

const name = rememberedName();
if (name !== undefined) begin(name);

function begin(name: string): void {
  rememberName(name);
  const session = new ChatSession(name, new Log(sessionKeeper(), LOG_PREFIX));
  session.standing.follow(() => {
    const { value } = session.standing;
    if (value.state === 'ended') leave({ name, text: value.text });
  });
  ended.set(undefined);
  current.set(session);
}

function leave(why?: { readonly name: string; readonly text: string }): void {
  const session = current.value;
  current.set(undefined);
  rememberName(undefined);
  ended.set(why);
  session?.leave();
}

/** The chat, while it is shown. */
export function Chat(): VNode {
  const session = useStore(current);
  const why = useStore(ended);
  if (session === undefined) return html`<${SignIn} ended=${why} begin=${begin} />`;
  return html`<${Open} key=${session} session=${session} />`;
}

function Open({ session }: { readonly session: ChatSession }): VNode {
  const standing = useStore(session.standing);
  useStore(session.version);
  const route = routeOf(useStore(place));
  const announced = useStore(session.announced);
  const { unread } = session.conversations;
  useEffect(() => session.see(), [session, place.value]);
  useEffect(() => {
    document.title = unread === 0 ? 'Restante' : `(${unread}) Restante`;
    return () => {
      document.title = 'Restante';
    };
  }, [unread]);
  if (standing.state === 'waiting' && !session.wasConnected) {
    return html`<${Waiting} name=${session.name} leave=${() => leave()} />`;
  }
  return html`
    <div class="chat" data-screen=${route.screen}>
      <${Banner} session=${session} standing=${standing} />
      <${Sidebar} session=${session} route=${route} leave=${() => leave()} />
      ${route.screen === 'with' && html`<${Thread} key=${place.value} session=${session} names=${route.names} />`}
      ${route.screen === 'new' && html`<${NewConversation} />`}
      ${route.screen === 'list' && html`<${Nothing} name=${session.name} />`}
      <p class="unseen" aria-live="polite">${announced}</p>
    </div>
  `;
}

function Nothing({ name }: { readonly name: string }): VNode {
  return html`
    <section class="thread nothing" aria-label="No conversation">
      <p>You are <strong><bdi>${name}</bdi></strong>.</p>
      <p class="soft">Choose a conversation, or begin one. What is sent to you arrives here.</p>
    </section>
  `;
}
