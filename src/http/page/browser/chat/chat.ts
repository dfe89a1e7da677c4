/** The half in which a browser is a peer. Its session goes on while the other half is shown. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Store, useStore } from '../parts/store.ts';
import { place } from '../parts/view.ts';
import { Log } from './model/log.ts';
import { type Ending, isToken } from './proofs.ts';
import { routeOf } from './route.ts';
import { ChatSession, type Standing } from './session.ts';
import { keep, kept, sessionKeeper } from './storage.ts';
import { Banner } from './view/banner.ts';
import { NewConversation } from './view/new-conversation.ts';
import { Sidebar } from './view/sidebar.ts';
import { Thread } from './view/thread.ts';
import { type AskedProof, ProofForm } from './view/way-in/proof-form.ts';
import { SignIn } from './view/way-in/sign-in.ts';
import { Waiting } from './view/way-in/waiting.ts';

const LOG_PREFIX = 'restante:chat:';
const NO_ANSWER = 'There is no answer, and the page tries again.';

/** What is shown: a session, or what is asked for before there is one. */
type Shown =
  /** `why`: who there was, and why that is over. */
  | { readonly state: 'nameless'; readonly why?: { readonly name: string; readonly text: string } | undefined }
  | ({ readonly state: 'proof needed' } & AskedProof)
  | { readonly state: 'open'; readonly session: ChatSession };

const shown = new Store<Shown>({ state: 'nameless' });
/** The session, until it ends: what proved it is forgotten with it. */
let current: ChatSession | undefined;

const before = kept();
if (before !== undefined) shown.set({ state: 'open', session: begin(before.name, before.token) });

function newLog(): Log {
  return new Log(sessionKeeper(), LOG_PREFIX);
}

function begin(name: string, proof?: string): ChatSession {
  const session = new ChatSession(name, proof, newLog());
  current = session;
  session.standing.follow(() => follow(session, session.standing.value, proof));
  return session;
}

function follow(session: ChatSession, standing: Standing, proof: string | undefined): void {
  const { name } = session;
  switch (standing.state) {
    case 'connecting':
      break;
    case 'disconnected':
      if (shown.value.state === 'proof needed') shown.set({ ...shown.value, progress: NO_ANSWER });
      break;
    case 'connected':
      if (proof !== undefined && isToken(proof)) keep({ name, token: proof });
      shown.set({ state: 'open', session });
      break;
    case 'waiting':
      shown.set({ state: 'open', session });
      break;
    case 'ended':
      ended(session, standing.ending);
      break;
    default:
      standing satisfies never;
  }
}

function ended(session: ChatSession, ending: Ending): void {
  const { name } = session;
  if (ending.kind === 'over') {
    leave({ name, text: ending.text });
    return;
  }
  session.end();
  current = undefined;
  keep({ name });
  shown.set({ state: 'proof needed', name, why: ending.why, progress: undefined });
}

function sayName(name: string): void {
  keep({ name });
  shown.set({ state: 'open', session: begin(name) });
}

function prove(name: string, proof: string): void {
  shown.set({ state: 'proof needed', name, why: undefined, progress: 'The broker is looking at it.' });
  begin(name, proof);
}

function leave(why?: { readonly name: string; readonly text: string }): void {
  current?.stop();
  current = undefined;
  newLog().clear();
  keep(undefined);
  shown.set({ state: 'nameless', why });
}

/** The chat, while it is shown. */
export function Chat(): VNode {
  const now = useStore(shown);
  switch (now.state) {
    case 'nameless':
      return html`<${SignIn} ended=${now.why} begin=${sayName} />`;
    case 'proof needed':
      return html`<${ProofForm}
        ...${now}
        prove=${(proof: string) => prove(now.name, proof)}
        leave=${() => leave()}
      />`;
    case 'open':
      return html`<${Open} key=${now.session} session=${now.session} />`;
    default:
      return now satisfies never;
  }
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
