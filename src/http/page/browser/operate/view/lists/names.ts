/** Which names are known, and what waits for them. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../../../parts/store.ts';
import type { NameRow } from '../../api/answers.ts';
import { ask } from '../../api/client.ts';
import { ago, bytes, count, counted } from '../../model/figures.ts';
import { MAX_LOADED, NameRows, type NameSort, type NamesQuestion } from '../../model/rows/name-rows.ts';
import { mailAddress } from '../../route.ts';
import { Name, named } from '../text.ts';
import { Filter } from './filter.ts';
import { type Column, type Order, Table } from './table.ts';

type Asked = Pick<NamesQuestion, 'prefix' | 'state' | 'waiting'>;
type Sorted = Pick<NamesQuestion, 'sort' | 'order'>;

/** What was asked for last: whoever comes back from a mailbox finds the list as it was. */
let lastAsked: Asked = { prefix: '', state: 'any', waiting: false };
let lastSorted: Sorted = { sort: 'name', order: 'asc' };

const STATES = [
  { state: 'any', title: 'here or away' },
  { state: 'here', title: 'here' },
  { state: 'away', title: 'away' },
] as const;

export function Names(): VNode {
  const [asked, setAsked] = useState(lastAsked);
  const [sorted, setSorted] = useState(lastSorted);
  const [rows, setRows] = useState<NameRows>();
  // Another object with the same question asks anew.
  useEffect(() => {
    lastAsked = asked;
    const next = new NameRows({ ...asked, ...lastSorted }, ask);
    setRows(next);
    return () => next.end();
  }, [asked]);
  const sortBy = (sort: NameSort, order: Order) => {
    lastSorted = { sort, order };
    setSorted(lastSorted);
    rows?.sort(lastSorted);
  };
  const isAll = asked.prefix === '' && asked.state === 'any' && !asked.waiting;
  return html`
    <div class="list">
      <div class="title">
        <h1>Names</h1>
        ${rows !== undefined && html`<${Total} rows=${rows} />`}
      </div>
      <${Filters} asked=${asked} change=${setAsked} />
      ${
        rows !== undefined &&
        html`<${Table} label="Names" rows=${rows} columns=${COLUMNS} sort=${sorted.sort} order=${sorted.order}
          sortBy=${sortBy} empty=${isAll ? 'No name is known.' : 'There is no such name.'} />`
      }
    </div>
  `;
}

function Filters({ asked, change }: { readonly asked: Asked; readonly change: (asked: Asked) => void }): VNode {
  const choose = ({ target }: Event) => {
    change({ ...asked, state: (target as HTMLSelectElement).value as Asked['state'] });
  };
  return html`
    <div class="filters">
      <${Filter} id="prefix" label="Begins with" given=${asked.prefix}
        change=${(prefix: string) => change({ ...asked, prefix })} />
      <div class="filter">
        <label for="state">Who is</label>
        <select id="state" value=${asked.state} onChange=${choose}>
          ${STATES.map(
            ({ state, title }) =>
              html`<option key=${state} value=${state} selected=${state === asked.state}>${title}</option>`,
          )}
        </select>
      </div>
      <label class="check">
        <input type="checkbox" checked=${asked.waiting}
          onChange=${(event: Event) => change({ ...asked, waiting: (event.target as HTMLInputElement).checked })} />
        Mail waits
      </label>
      <button type="button" class="quiet" onClick=${() => change({ ...asked })}>Refresh</button>
    </div>
  `;
}

function Total({ rows }: { readonly rows: NameRows }): VNode {
  useStore(rows.version);
  const text = rows.hasMore
    ? `${count(MAX_LOADED)} of them; there are more. Say how a name begins.`
    : counted(rows.total, 'name');
  return html`<p class="small soft" role="status">${rows.isLoading ? '' : text}</p>`;
}

const COLUMNS: readonly Column<NameRow, NameSort>[] = [
  { title: 'Name', sort: 'name', width: '13rem', cell: ({ name }) => html`<${Name} name=${name} />` },
  {
    title: 'Is',
    width: '6rem',
    shown: 'wide',
    cell: ({ state }) => html`<span class="dot" data-state=${state} aria-hidden="true"></span> ${state}`,
  },
  {
    title: 'Waiting',
    sort: 'waiting',
    width: '6.5rem',
    isNumber: true,
    cell: ({ waitingMessages }) => count(waitingMessages),
  },
  {
    title: 'Size',
    sort: 'bytes',
    width: '7rem',
    isNumber: true,
    shown: 'wide',
    cell: ({ waitingBytes }) => bytes(waitingBytes),
  },
  {
    title: 'Oldest',
    sort: 'oldest',
    width: '7rem',
    isNumber: true,
    shown: 'wide',
    cell: ({ waitingMessages, oldestSeconds }) => (waitingMessages === 0 ? '–' : ago(oldestSeconds)),
  },
  {
    title: 'Look',
    width: '6.5rem',
    cell: ({ name }) => html`<a href=${mailAddress(name)} aria-label=${`Mailbox of ${named(name)}`}>Mailbox</a>`,
  },
];
