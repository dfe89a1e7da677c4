/**
 * A table of any length. What MUST hold:
 * 1. There are never more rows on the page than fit the window, and OVERSCAN_ROWS on both sides.
 * 2. The focus is never lost because its row has left the page.
 */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../../../parts/store.ts';
import type { Rows } from '../../model/rows/rows.ts';

/** The height of a row; operate.css has the same. */
const ROW_PX = 40;
const OVERSCAN_ROWS = 10;
/** The drawn rows change by steps of so many: scrolling by a pixel draws nothing. */
const STEP_ROWS = 5;
/** Rows that are only passed by are not asked for. */
const SETTLED_MS = 60;
/** Drawn before the height of the window is known. */
const FIRST_ROWS = 20;

export type Order = 'asc' | 'desc';

export interface Column<R, S extends string> {
  readonly title: string;
  /** By what it is sorted; undefined if it cannot be. */
  readonly sort?: S;
  readonly width: string;
  readonly isNumber?: boolean;
  /** It is left out where there is less room. */
  readonly shown?: 'wide' | 'widest';
  readonly cell: (row: R) => unknown;
}

interface Props<R, S extends string> {
  readonly label: string;
  readonly columns: readonly Column<R, S>[];
  readonly rows: Rows<R>;
  readonly sort?: S;
  readonly order?: Order;
  readonly sortBy?: (sort: S, order: Order) => void;
  /** What is said where there are no rows. */
  readonly empty: string;
}

export function Table<R, S extends string>(props: Props<R, S>): VNode {
  const { label, columns, rows, empty } = props;
  const version = useStore(rows.version);
  const problem = useStore(rows.problem);
  const scroller = useRef<HTMLDivElement>(null);
  const [first, count, look] = useWindow(scroller, rows.total);
  const keepFocus = useKeptFocus(scroller);
  const last = Math.min(rows.total, first + count);
  useEffect(() => {
    const timer = setTimeout(() => rows.need(first, Math.max(first, last - 1)), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [rows, version, first, last]);
  const drawn = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
  const none = rows.isLoading ? 'The broker is asked.' : empty;
  return html`
    <div class="table" ref=${scroller} onScroll=${look} onFocusIn=${keepFocus} onKeyDown=${moveBetweenRows}
      tabindex="0" role="region" aria-label=${label}>
      <table aria-rowcount=${rows.total + 1} aria-label=${label}>
        <colgroup>
          ${columns.map(({ width, shown }) => html`<col class=${shown} style=${{ '--width': width }} />`)}
        </colgroup>
        <thead>
          <tr aria-rowindex="1">${columns.map((column) => html`<${Head} column=${column} table=${props} />`)}</tr>
        </thead>
        <tbody aria-hidden="true" style=${{ height: `${first * ROW_PX}px` }}></tbody>
        <tbody>
          ${drawn.map((index) => html`<${Row} key=${index} index=${index} row=${rows.at(index)} columns=${columns} />`)}
        </tbody>
        <tbody aria-hidden="true" style=${{ height: `${(rows.total - last) * ROW_PX}px` }}></tbody>
      </table>
      ${
        problem === undefined
          ? rows.total === 0 && html`<p class="empty soft">${none}</p>`
          : html`<p class="empty wrong" role="alert">This could not be read: ${problem}</p>`
      }
    </div>
  `;
}

/** Which rows are drawn. @returns the first, how many, and what looks anew */
function useWindow(scroller: { readonly current: HTMLElement | null }, total: number): [number, number, () => void] {
  const [{ first, count }, set] = useState({ first: 0, count: FIRST_ROWS });
  const look = () => {
    const box = scroller.current;
    if (box === null) return;
    const fit = Math.ceil(box.clientHeight / ROW_PX) + 2 * OVERSCAN_ROWS + STEP_ROWS;
    const top = Math.floor(box.scrollTop / ROW_PX) - OVERSCAN_ROWS;
    const next = Math.max(0, Math.floor(top / STEP_ROWS) * STEP_ROWS);
    if (next !== first || fit !== count) set({ first: next, count: fit });
  };
  // What is above the table can change its height, and a list can have become shorter.
  useLayoutEffect(look, [total]);
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current !== null) observer.observe(scroller.current);
    return () => observer.disconnect();
  });
  return [first, count, look];
}

/** Gives the focus to the table when the row that had it is gone. @returns what notes who has it */
function useKeptFocus(scroller: { readonly current: HTMLElement | null }): (event: FocusEvent) => void {
  const focused = useRef<Element | undefined>(undefined);
  useLayoutEffect(() => {
    if (focused.current === undefined || focused.current.isConnected) return;
    focused.current = undefined;
    if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
  });
  return ({ target }) => {
    focused.current = target instanceof Element ? target : undefined;
  };
}

const ARROWS = { none: '', asc: '↑', desc: '↓' } as const;

interface HeadProps<R, S extends string> {
  readonly column: Column<R, S>;
  readonly table: Props<R, S>;
}

function Head<R, S extends string>({ column, table }: HeadProps<R, S>): VNode {
  const { title, sort, isNumber, shown } = column;
  const isSorted = sort !== undefined && sort === table.sort;
  const order = isSorted ? table.order : undefined;
  const turn = () => {
    // Whoever asks for numbers wants to see the largest.
    const next = order === undefined ? (isNumber ? 'desc' : 'asc') : order === 'asc' ? 'desc' : 'asc';
    if (sort !== undefined) table.sortBy?.(sort, next);
  };
  const words = order === undefined ? undefined : order === 'asc' ? 'ascending' : 'descending';
  return html`
    <th scope="col" class=${classOf(isNumber, shown)} aria-sort=${words}>
      ${
        sort === undefined
          ? title
          : html`<button type="button" class="quiet" onClick=${turn}>
              ${title}<span class="arrow" aria-hidden="true">${ARROWS[order ?? 'none']}</span>
            </button>`
      }
    </th>
  `;
}

interface RowProps<R, S extends string> {
  readonly index: number;
  readonly row: R | undefined;
  readonly columns: readonly Column<R, S>[];
}

function Row<R, S extends string>({ index, row, columns }: RowProps<R, S>): VNode {
  return html`
    <tr aria-rowindex=${index + 2}>
      ${columns.map(({ cell, isNumber, shown }, column) => {
        const content = row === undefined ? (column === 0 ? '…' : '') : cell(row);
        const name = classOf(isNumber, shown);
        return column === 0
          ? html`<th scope="row" class=${name}>${content}</th>`
          : html`<td class=${name}>${content}</td>`;
      })}
    </tr>
  `;
}

function classOf(isNumber: boolean | undefined, shown: string | undefined): string | undefined {
  return [isNumber === true && 'number', shown].filter(Boolean).join(' ') || undefined;
}

/** The arrow keys go from a button to the same one of the next row. */
function moveBetweenRows(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { target } = event;
  if (step === undefined || !(target instanceof HTMLElement)) return;
  const row = target.closest<HTMLTableRowElement>('tbody tr');
  const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  if (row === null || !(next instanceof HTMLElement)) return;
  event.preventDefault();
  controlsOf(next)[controlsOf(row).indexOf(target)]?.focus();
}

function controlsOf(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>('a, button')];
}
