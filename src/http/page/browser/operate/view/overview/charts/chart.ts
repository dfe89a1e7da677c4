/** One chart. What it shows also stands above it in words: now, or where the pointer is. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../../../../parts/store.ts';
import { theme } from '../../../../parts/theme.ts';
import type { Columns } from '../../../model/columns.ts';
import { time } from '../../../model/figures.ts';
import { type Kind, Plot } from './plot.ts';

interface Props {
  readonly kind: Kind;
  readonly columns: Columns;
}

export function Chart({ kind, columns }: Props): VNode {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [pointed, setPointed] = useState<number>();
  const colours = useStore(theme);
  useEffect(() => {
    if (host.current === null) return undefined;
    const made = new Plot(host.current, kind, setPointed);
    plot.current = made;
    return () => {
      plot.current = undefined;
      made.end();
    };
  }, [kind]);
  useEffect(() => plot.current?.colour(), [colours]);
  useEffect(() => plot.current?.show(columns), [columns]);
  const last = columns.times.length - 1;
  const at = Math.min(pointed ?? last, last);
  return html`
    <figure class="chart">
      <figcaption>
        <span class="what">${kind.title}</span>
        <span class="value">
          ${pointed !== undefined && html`<span class="soft">${time((columns.times[at] ?? 0) * 1000)} · </span>`}
          ${kind.lines.map(
            (line, index) => html`<span class="line" key=${line.column}>
              ${kind.lines.length > 1 && html`<i class="key" data-line=${index}></i>`}${textAt(kind, line, columns, at)}
            </span>`,
          )}
        </span>
      </figcaption>
      <div ref=${host} role="img" aria-label=${`${kind.title}. ${mostText(kind, columns)}`}></div>
    </figure>
  `;
}

function textAt({ shown }: Kind, { column, word }: Kind['lines'][number], columns: Columns, at: number): string {
  const value = columns[column][at];
  return `${value === null || value === undefined ? '–' : shown(value)} ${word}`.trim();
}

/** What somebody sees who looks at the lines. */
function mostText({ lines, shown }: Kind, columns: Columns): string {
  return lines
    .map(({ column, word }) => `At most ${shown(Math.max(0, ...columns[column].map(Number)))} ${word}`.trim())
    .join('. ');
}
