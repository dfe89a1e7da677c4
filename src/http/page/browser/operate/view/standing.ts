/** Says when what is shown is not what is. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useStore } from '../../parts/store.ts';
import type { Desk } from '../desk.ts';
import { time } from '../model/figures.ts';

/** A line above everything; nothing while all is well. */
export function StandingBanner({ desk }: { readonly desk: Desk }): VNode | null {
  const liveness = useStore(desk.live.liveness);
  const info = useStore(desk.info);
  const { last } = desk.live.samples;
  if (liveness === 'lost') {
    const since = last === undefined ? '' : ` What is shown is of ${time(last.at)}.`;
    return html`<p class="banner">Not live: the broker does not answer.${since} Trying again.</p>`;
  }
  if (info?.draining === true) return html`<p class="banner">The broker is stopping: it takes no more connections.</p>`;
  if (liveness === 'polled') {
    return html`<p class="banner">Not live: too many pages listen already. Figures come every five seconds.</p>`;
  }
  return null;
}
