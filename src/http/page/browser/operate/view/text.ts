/** Names and messages of others. Each is isolated, so that none turns what stands beside it. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { shownName, shownText } from '../../parts/shown.ts';

/** Characters of a message in a row of a table. */
const GLIMPSE_CHARS = 200;

export function Name({ name }: { readonly name: string }): VNode {
  return html`<bdi>${shownName(name)}</bdi>`;
}

/** A name in a sentence that is no part of the page, as a title or a label. */
export function named(name: string): string {
  return shownName(name);
}

/** The beginning of a message, in one line. */
export function Glimpse({ text }: { readonly text: string }): VNode {
  return html`<bdi>${shownText(text.slice(0, GLIMPSE_CHARS)).replace(/\s+/g, ' ')}</bdi>`;
}
