/** Who is connected. A connection can be ended. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../../../parts/store.ts';
import type { ConnectionRow } from '../../api/answers.ts';
import { ask } from '../../api/client.ts';
import type { Desk, Question } from '../../desk.ts';
import { bytes, count, counted, time } from '../../model/figures.ts';
import { ConnectionRows, type ConnectionSort, type ConnectionsQuestion } from '../../model/rows/connection-rows.ts';
import { Name, named } from '../text.ts';
import { Filter } from './filter.ts';
import { type Column, type Order, Table } from './table.ts';

/** A connection ends when its peer has been told: so long after a kick the list is asked for once more. */
const ENDING_MS = 1_500;
const FIRST: ConnectionsQuestion = { sort: 'since', order: 'desc', name: '' };
const SPEAKS: Readonly<Record<string, string>> = { plain: 'lines', program: 'JSON', acknowledging: 'JSON, acks' };
const TRANSPORTS: Readonly<Record<string, string>> = { tcp: 'TCP', websocket: 'WebSocket', http: 'HTTP' };

export function Connections({ desk }: { readonly desk: Desk }): VNode {
  const [question, setQuestion] = useState(FIRST);
  const [rows, setRows] = useState<ConnectionRows>();
  // Another object with the same question asks anew.
  useEffect(() => {
    const next = new ConnectionRows(question, ask);
    setRows(next);
    return () => next.end();
  }, [question]);
  const refresh = () => setQuestion((last) => ({ ...last }));
  const kicked = useRef(new Set<number>()).current;
  const kick = (row: ConnectionRow) => {
    const done = () => {
      kicked.add(row.id);
      refresh();
      setTimeout(refresh, ENDING_MS);
    };
    desk.question.set(kickQuestion(row, done));
  };
  return html`
    <div class="list">
      <div class="title">
        <h1>Connections</h1>
        ${rows !== undefined && html`<${Total} rows=${rows} />`}
      </div>
      <div class="filters">
        <${Filter} id="name" label="Name begins with" given=${question.name}
          change=${(name: string) => setQuestion({ ...question, name })} />
        <button type="button" class="quiet" onClick=${refresh}>Refresh</button>
      </div>
      ${
        rows !== undefined &&
        html`<${Table}
          label="Connections"
          rows=${rows}
          columns=${columnsOf(kick, kicked)}
          sort=${question.sort}
          order=${question.order}
          sortBy=${(sort: ConnectionSort, order: Order) => setQuestion({ ...question, sort, order })}
          empty=${question.name === '' ? 'Nobody is connected.' : 'No name of a connection begins with this.'}
        />`
      }
    </div>
  `;
}

function Total({ rows }: { readonly rows: ConnectionRows }): VNode {
  useStore(rows.version);
  return html`<p class="small soft" role="status">${rows.isLoading ? '' : counted(rows.total, 'connection')}</p>`;
}

function columnsOf(
  kick: (row: ConnectionRow) => void,
  kicked: ReadonlySet<number>,
): readonly Column<ConnectionRow, ConnectionSort>[] {
  return [
    { title: 'Name', sort: 'name', width: '9rem', cell: nameOf },
    { title: 'From', width: '9.5rem', shown: 'wide', cell: ({ peer }) => html`<span class="mono">${peer}</span>` },
    {
      title: 'Speaks',
      width: '8.5rem',
      shown: 'wide',
      cell: ({ transport, speaks }) => `${TRANSPORTS[transport] ?? transport}, ${SPEAKS[speaks] ?? speaks}`,
    },
    { title: 'State', width: '7.5rem', shown: 'widest', cell: ({ standing }) => standing },
    { title: 'Since', sort: 'since', width: '8rem', shown: 'wide', cell: ({ since }) => time(since) },
    {
      title: 'Waiting',
      sort: 'waiting',
      width: '7.5rem',
      isNumber: true,
      cell: ({ waitingMessages, waitingBytes }) =>
        waitingMessages === 0 && waitingBytes === 0 ? '0' : `${count(waitingMessages)} · ${bytes(waitingBytes)}`,
    },
    {
      title: 'Not acked',
      width: '7rem',
      isNumber: true,
      shown: 'widest',
      cell: ({ unacknowledgedMessages }) => count(unacknowledgedMessages),
    },
    {
      title: 'Read',
      sort: 'read',
      width: '6rem',
      isNumber: true,
      shown: 'wide',
      cell: (row) => bytes(row.readBytes),
    },
    {
      title: 'Written',
      sort: 'written',
      width: '6rem',
      isNumber: true,
      shown: 'wide',
      cell: ({ writtenBytes }) => bytes(writtenBytes),
    },
    {
      title: 'Do',
      width: '4.5rem',
      cell: (row) =>
        kicked.has(row.id)
          ? html`<span class="small soft">ends</span>`
          : html`<button type="button" class="quiet small" aria-label=${`Kick ${who(row)}`} onClick=${() => kick(row)}>
              Kick
            </button>`,
    },
  ];
}

function nameOf({ name }: ConnectionRow): VNode {
  return name === null ? html`<span class="soft">no name yet</span>` : html`<${Name} name=${name} />`;
}

function who({ name, peer }: ConnectionRow): string {
  return name === null ? peer : named(name);
}

function kickQuestion(row: ConnectionRow, done: () => void): Question {
  return {
    title: 'End this connection?',
    body: html`
      <p>
        <strong>${nameOf(row)}</strong>, from <span class="mono">${row.peer}</span>, connected since ${time(row.since)}.
      </p>
      <p>The peer is told. What it has not worked off waits for it, and it may connect again at once.</p>
    `,
    deed: {
      verb: 'Kick',
      run: async () => {
        await ask(`/v1/connections/${row.id}/kick`, { method: 'POST' });
        done();
        return `The connection of ${who(row)} is ended.`;
      },
    },
  };
}
