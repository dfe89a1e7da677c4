/** The mail that waits for a name. It can be looked into and purged. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useStore } from '../../../parts/store.ts';
import type { MailRow } from '../../api/answers.ts';
import { ask } from '../../api/client.ts';
import type { Desk } from '../../desk.ts';
import { bytes, count, counted, time } from '../../model/figures.ts';
import { MailRows } from '../../model/rows/mail-rows.ts';
import { Glimpse, Name, named } from '../text.ts';
import { messageShown, purgeAllQuestion, purgeOneQuestion } from './mail-questions.ts';
import { type Column, Table } from './table.ts';

interface Props {
  readonly desk: Desk;
  readonly name: string;
}

export function Mailbox({ desk, name }: Props): VNode {
  const [rows, setRows] = useState<MailRows>();
  const [turn, setTurn] = useState(0);
  // Another turn asks for the same anew.
  useEffect(() => {
    const next = new MailRows(name, ask);
    setRows(next);
    return () => next.end();
  }, [name, turn]);
  const refresh = () => setTurn(turn + 1);
  const purgeAll = () => desk.question.set(purgeAllQuestion(name, refresh));
  const columns = useMemo(() => columnsOf(desk, name, (seq) => rows?.remove(seq)), [desk, name, rows]);
  return html`
    <div class="list">
      <p class="back-to"><a href="#operate/names">All names</a></p>
      <div class="title">
        <h1>Mailbox of <${Name} name=${name} /></h1>
        ${rows !== undefined && html`<${Total} rows=${rows} />`}
      </div>
      <div class="filters">
        <button type="button" class="quiet" onClick=${refresh}>Refresh</button>
        <button type="button" class="quiet grave-word" onClick=${purgeAll}>
          Purge all
        </button>
      </div>
      ${
        rows !== undefined &&
        html`<${Table} label=${`Mailbox of ${named(name)}`} rows=${rows} columns=${columns} empty="No mail waits." />`
      }
    </div>
  `;
}

function Total({ rows }: { readonly rows: MailRows }): VNode {
  useStore(rows.version);
  if (rows.isLoading || rows.problem.value !== undefined) return html`<p class="small soft" role="status"></p>`;
  const waiting = rows.hasMore ? `The first ${counted(rows.total, 'message')}` : counted(rows.total, 'message');
  const inHands = rows.inHands === 0 ? '' : `; ${count(rows.inHands)} more in the hands of who has the name`;
  return html`<p class="small soft" role="status">${waiting}${inHands}</p>`;
}

function columnsOf(desk: Desk, name: string, remove: (seq: number) => void): readonly Column<MailRow, never>[] {
  const show = (row: MailRow) => desk.question.set(messageShown(name, row));
  const purge = (row: MailRow) => desk.question.set(purgeOneQuestion(name, row, () => remove(row.seq)));
  return [
    { title: 'From', width: '9rem', cell: ({ from }) => html`<${Name} name=${from} />` },
    { title: 'Held since', width: '9rem', shown: 'wide', cell: ({ at }) => time(at) },
    { title: 'Size', width: '6rem', isNumber: true, shown: 'wide', cell: (row) => bytes(row.bytes) },
    { title: 'Text', width: 'auto', shown: 'wide', cell: ({ text }) => html`<${Glimpse} text=${text} />` },
    {
      title: 'Do',
      width: '10rem',
      cell: (row) => html`
        <button type="button" class="quiet small" onClick=${() => show(row)}
          aria-label=${`Show the message from ${named(row.from)}, held since ${time(row.at)}`}>Show</button>
        <button type="button" class="quiet small" onClick=${() => purge(row)}
          aria-label=${`Purge the message from ${named(row.from)}, held since ${time(row.at)}`}>Purge</button>
      `,
    },
  ];
}
