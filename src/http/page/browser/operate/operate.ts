/** The operator's half. It follows the broker while it is shown. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../parts/store.ts';
import { place } from '../parts/view.ts';
import { access } from './api/client.ts';
import { Desk } from './desk.ts';
import { type Route, routeOf } from './route.ts';
import { Asked } from './view/access.ts';
import { Connections } from './view/lists/connections.ts';
import { Mailbox } from './view/lists/mailbox.ts';
import { Names } from './view/lists/names.ts';
import { Overview } from './view/overview/overview.ts';
import { QuestionBox } from './view/question.ts';
import { StandingBanner } from './view/standing.ts';

const SCREENS = [
  { screen: 'overview', href: '#operate', title: 'Overview' },
  { screen: 'connections', href: '#operate/connections', title: 'Connections' },
  { screen: 'names', href: '#operate/names', title: 'Names' },
] as const;

/** The operator's half, while it is shown. */
export function Operate(): VNode {
  const [desk] = useState(() => new Desk());
  const route = routeOf(useStore(place));
  const allowed = useStore(access);
  const announced = useStore(desk.announced);
  useEffect(() => desk.begin(), [desk]);
  const shown = route.screen === 'mail' ? 'names' : route.screen;
  return html`
    <div class="operate">
      ${
        allowed.state === 'allowed'
          ? html`
            <${StandingBanner} desk=${desk} />
            <nav class="screens" aria-label="Parts of Operate">
              ${SCREENS.map(
                ({ screen, href, title }) =>
                  html`<a key=${screen} href=${href} aria-current=${screen === shown ? 'page' : undefined}>
                    ${title}
                  </a>`,
              )}
            </nav>
            <${Screen} desk=${desk} route=${route} />
          `
          : html`<${Asked} access=${allowed} />`
      }
      <p class="unseen" aria-live="polite">${announced}</p>
      <${QuestionBox} desk=${desk} />
    </div>
  `;
}

function Screen({ desk, route }: { readonly desk: Desk; readonly route: Route }): VNode {
  switch (route.screen) {
    case 'overview':
      return html`<${Overview} desk=${desk} />`;
    case 'connections':
      return html`<${Connections} desk=${desk} />`;
    case 'names':
      return html`<${Names} desk=${desk} />`;
    case 'mail':
      return html`<${Mailbox} key=${route.name} desk=${desk} name=${route.name} />`;
    default:
      return route satisfies never;
  }
}
