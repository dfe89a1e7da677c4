/** One shard. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ShardRow } from '../../api/answers.ts';
import { ago, bytes, count, milliseconds, shortCount, time } from '../../model/figures.ts';

interface Props {
  readonly row: ShardRow;
  /** When that was so. */
  readonly at: number;
}

export function Tile({ row, at }: Props): VNode {
  const { shard, up } = row;
  // The figures of a shard that is down are unknown, and not 0.
  const known = (text: string) => (up ? text : '–');
  return html`
    <article class="tile" data-up=${up} aria-labelledby=${`shard-${shard}`}>
      <header>
        <h3 id=${`shard-${shard}`}>Shard ${shard}</h3>
        <p class="state">${up ? 'up' : 'down'}</p>
      </header>
      <dl>
        <${Figure} large title="In" value=${known(shortCount(row.receivedPerSecond))} unit="a second" />
        <${Figure} large title="Out" value=${known(shortCount(row.deliveredPerSecond))} unit="a second" />
        <${Figure} title="Held" value=${known(count(row.heldMessages))} unit=${known(bytes(row.heldBytes))} />
        <${Figure}
          title="Memory"
          value=${known(bytes(row.threadBytes))}
          unit=${known(`mail ${bytes(row.memoryBytes)}`)}
        />
        <${Figure} title="Loop delay" value=${known(milliseconds(row.loopDelayMs))} />
        <${Figure} title="Names" value=${known(count(row.names))} />
      </dl>
      <p class="restarts small">${restartsText(row, at)}</p>
    </article>
  `;
}

interface FigureProps {
  readonly title: string;
  readonly value: string;
  readonly unit?: string;
  readonly large?: boolean;
}

function Figure({ title, value, unit, large = false }: FigureProps): VNode {
  return html`
    <div data-large=${large}>
      <dt>${title}</dt>
      <dd>${value}${unit !== undefined && unit !== value && html` <span class="unit">${unit}</span>`}</dd>
    </div>
  `;
}

function restartsText({ restarts, lastRestartAt }: ShardRow, at: number): string {
  if (restarts === 0) return 'Never restarted';
  const times = restarts === 1 ? 'Restarted once' : `Restarted ${count(restarts)} times`;
  if (lastRestartAt === null) return times;
  return `${times}, last at ${time(lastRestartAt)} (${ago((at - lastRestartAt) / 1000)} ago)`;
}
