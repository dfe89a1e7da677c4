/**
 * The page of the broker: *Chat*, where a browser is a peer, and *Operate*, where an operator sees the broker.
 *
 * - `shell.ts` is what both halves stand in: the header, the choice of the half, light and dark.
 * - `chat` and `operate` are the halves. Neither knows the other.
 * - `parts` is what they share.
 */
import { html, render } from 'htm/preact';
import { applyTheme } from './parts/theme.ts';
import { Shell } from './shell.ts';

// Before the first paint, so that nobody sees the other theme for a moment.
applyTheme();

document.addEventListener('DOMContentLoaded', () => {
  const place = document.getElementById('page');
  if (place !== null) render(html`<${Shell} />`, place);
});
