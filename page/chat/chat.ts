/** The half in which a browser is a peer. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';

/** The chat, while it is shown. */
export function Chat(): VNode {
  return html`<section class="blank"><h1>Chat</h1></section>`;
}
