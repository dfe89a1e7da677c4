/** How near the limits of the broker are, in bars and in words. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Info, LimitRow } from '../../api/answers.ts';
import { bytes, count, type Nearness, nearness, percent } from '../../model/figures.ts';

interface Known {
  readonly title: string;
  readonly shown: (value: number) => string;
}

const MEMORY = 'memory';
const KNOWN: Readonly<Record<string, Known>> = {
  MAX_CONNECTIONS: { title: 'Connections', shown: count },
  MAX_NAMES: { title: 'Names that are away', shown: count },
  HELD_MAX_BYTES: { title: 'Mail that is held', shown: bytes },
  [MEMORY]: { title: 'Memory, of what the settings allow', shown: bytes },
};
const WORDS: Readonly<Record<Nearness, string>> = { far: '', near: 'near', reached: 'reached' };

export function Limits({ info }: { readonly info: Info }): VNode {
  const { rssBytes, boundBytes } = info.memory;
  const memory = boundBytes === null ? [] : [{ limit: MEMORY, used: rssBytes, most: boundBytes }];
  const rows = [...info.limits, ...memory].toSorted((a, b) => b.used / b.most - a.used / a.most);
  if (rows.length === 0) return html`<p class="soft">The settings have no limit.</p>`;
  return html`<ul class="limits">${rows.map((row) => html`<${Limit} key=${row.limit} row=${row} />`)}</ul>`;
}

function Limit({ row: { limit, used, most } }: { readonly row: LimitRow }): VNode {
  const { title, shown } = KNOWN[limit] ?? { title: limit, shown: count };
  const near = nearness(used, most);
  const width = `${Math.min(100, most === 0 ? 100 : (100 * used) / most)}%`;
  return html`
    <li data-near=${near}>
      <p class="what">
        <span>${title} ${limit !== MEMORY && html`<code class="soft small">${limit}</code>`}</span>
        ${near !== 'far' && html`<strong class="word">${WORDS[near]}</strong>`}
      </p>
      <div class="bar" aria-hidden="true"><div style=${{ width }}></div></div>
      <p class="small soft">${shown(used)} of ${shown(most)}, ${percent(used, most)}</p>
    </li>
  `;
}
