/** A name that somebody has. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { shownName } from '../../../parts/shown.ts';

export function Waiting({ name, leave }: { readonly name: string; readonly leave: () => void }): VNode {
  return html`
    <section class="sign-in late" role="status">
      <h1><bdi>${shownName(name)}</bdi> is in use</h1>
      <p class="soft">
        Somebody has this name now, perhaps another tab of yours. This page waits, and gets the name and its mail when
        it is free.
      </p>
      <p><button type="button" onClick=${leave}>Take another name</button></p>
    </section>
  `;
}
