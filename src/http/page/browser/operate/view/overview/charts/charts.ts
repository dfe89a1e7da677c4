/** The last ten minutes in charts. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Sample } from '../../../api/answers.ts';
import { type Columns, columnsOf } from '../../../model/columns.ts';
import { bytes, milliseconds, shortCount } from '../../../model/figures.ts';
import { Chart } from './chart.ts';
import type { Kind } from './plot.ts';

const KINDS: readonly Kind[] = [
  { title: 'Messages a second', lines: [line('received', 'in'), line('delivered', 'out')], shown: shortCount },
  { title: 'Held messages', lines: [line('held')], shown: shortCount },
  { title: 'Connections', lines: [line('connections')], shown: shortCount },
  { title: 'Memory', lines: [line('rssBytes')], shown: bytes, isBytes: true },
  { title: 'Loop delay of the latest shard', lines: [line('loopDelayMs')], shown: milliseconds, isFine: true },
];

function line(column: Exclude<keyof Columns, 'times'>, word = ''): Kind['lines'][number] {
  return { column, word };
}

export function Charts({ samples }: { readonly samples: readonly Sample[] }): VNode {
  const columns = useMemo(() => columnsOf(samples), [samples]);
  return html`
    <div class="charts">
      ${KINDS.map((kind) => html`<${Chart} key=${kind.title} kind=${kind} columns=${columns} />`)}
    </div>
  `;
}
