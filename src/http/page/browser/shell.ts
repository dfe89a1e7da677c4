/** The frame of the page. The half that is chosen stands in the address, so that it can be linked to and reloaded. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Chat } from './chat/chat.ts';
import { Operate } from './operate/operate.ts';
import { useStore } from './parts/store.ts';
import { theme, toggleTheme } from './parts/theme.ts';
import { HALVES, half } from './parts/view.ts';

/** The whole page. */
export function Shell(): VNode {
  const now = useStore(half);
  useEffect(() => {
    document.documentElement.dataset.half = now;
  }, [now]);
  return html`
    <a class="skip" href="#${now}" onClick=${focusMain}>Skip to the content</a>
    <header class="top">
      <p class="brand"><img src="/icon.svg" alt="" width="24" height="24" />Restante</p>
      <nav aria-label="Halves of the page">
        ${HALVES.map(
          ({ id, title }) =>
            html`<a key=${id} href=${`#${id}`} aria-current=${now === id ? 'page' : undefined}>${title}</a>`,
        )}
      </nav>
      <${ThemeSwitch} />
    </header>
    <main id="main" tabindex="-1">${now === 'chat' ? html`<${Chat} />` : html`<${Operate} />`}</main>
  `;
}

function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function ThemeSwitch(): VNode {
  const isDark = useStore(theme) === 'dark';
  return html`
    <button
      type="button"
      class="quiet theme"
      role="switch"
      aria-checked=${isDark ? 'true' : 'false'}
      aria-label="Dark colours"
      title=${isDark ? 'To light colours' : 'To dark colours'}
      onClick=${toggleTheme}
    >
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
      </svg>
    </button>
  `;
}
