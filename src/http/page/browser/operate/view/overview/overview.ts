/** The broker at a look: its shards, the last ten minutes, and how near its limits are. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useStore } from '../../../parts/store.ts';
import type { Info } from '../../api/answers.ts';
import type { Desk } from '../../desk.ts';
import { ago, time } from '../../model/figures.ts';
import { Charts } from './charts/charts.ts';
import { Limits } from './limits.ts';
import { LogLevel } from './log-level.ts';
import { Tile } from './tile.ts';

export function Overview({ desk }: { readonly desk: Desk }): VNode {
  const liveness = useStore(desk.live.liveness);
  const samples = useStore(desk.live.samples.all);
  const info = useStore(desk.info);
  const last = samples.at(-1);
  return html`
    <div class="overview">
      <div class="title">
        <h1>Operate</h1>
        <p class="liveness small" data-live=${liveness === 'live'}>${liveness === 'live' ? 'Live' : 'Not live'}</p>
      </div>
      ${info !== undefined && html`<${About} info=${info} />`}
      ${last === undefined && html`<p class="soft late">The broker is asked. Figures come once a second.</p>`}
      ${
        last !== undefined &&
        html`
          <section aria-labelledby="shards">
            <h2 id="shards">Shards</h2>
            <ul class="tiles">
              ${last.shards.map((row) => html`<li key=${row.shard}><${Tile} row=${row} at=${last.at} /></li>`)}
            </ul>
          </section>
          <section aria-labelledby="minutes">
            <h2 id="minutes">The last ten minutes</h2>
            <${Charts} samples=${samples} />
          </section>
        `
      }
      ${
        info !== undefined &&
        html`
          <section aria-labelledby="limits">
            <h2 id="limits">Limits</h2>
            <${Limits} info=${info} />
          </section>
          <section aria-labelledby="log">
            <h2 id="log">Log</h2>
            <${LogLevel} desk=${desk} level=${info.logLevel} />
          </section>
        `
      }
    </div>
  `;
}

function About({ info }: { readonly info: Info }): VNode {
  const seconds = Math.floor((Date.now() - info.startedAt) / 1000);
  return html`
    <p class="about small soft">
      Restante ${info.version} on Node ${info.node}, started at ${time(info.startedAt)}, ${ago(seconds)} ago.${' '}
      ${info.dataDir === null ? 'No mail is held.' : html`Mail is held in <code><bdi>${info.dataDir}</bdi></code>.`}
    </p>
  `;
}
