/** The operator's half. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';

/** The operator's half, while it is shown. */
export function Operate(): VNode {
  return html`<section class="blank"><h1>Operate</h1><p>There is nothing here yet.</p></section>`;
}
