/**
 * The entries of a conversation, of which a part is on the page. What MUST hold:
 * 1. There are never more than DRAWN_ENTRIES on the page, however many there are.
 * 2. Who is at the end stays at the end when something comes, and who reads further up is not moved.
 */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from '../model/conversations.ts';
import type { Sends } from '../model/events.ts';
import { Row } from './row.ts';
import { isSameDay } from './times.ts';

/** Entries on the page at a time. */
const DRAWN_ENTRIES = 150;
/** So many more are drawn when somebody comes near to the first or the last one. */
const STEP_ENTRIES = 50;
const NEAR_PX = 400;
/** A browser rounds: so near to the end counts as there. */
const END_PX = 8;
/** Messages of one sender within this time stand together. */
const TOGETHER_MS = 5 * 60_000;

interface Props {
  readonly entries: readonly Entry[];
  readonly sendAgain: (message: Sends) => void;
}

interface Anchor {
  readonly element: HTMLElement;
  readonly top: number;
}

export function Messages({ entries, sendAgain }: Props): VNode {
  /** The number of the first entry that is drawn; undefined: the last ones are. */
  const [first, setFirst] = useState<number>();
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const anchor = useRef<Anchor | undefined>(undefined);
  const seenTo = useRef(0);

  const start = startOf(entries, first);
  const drawn = entries.slice(start, start + DRAWN_ENTRIES);
  const hasAll = start + drawn.length === entries.length;
  if (first === undefined) seenTo.current = entries.at(-1)?.number ?? 0;
  const fresh =
    first === undefined ? 0 : entries.length - 1 - entries.findLastIndex((each) => each.number <= seenTo.current);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    if (first === undefined) box.scrollTop = box.scrollHeight;
    else if (anchor.current?.element.isConnected) {
      box.scrollTop += topIn(box, anchor.current.element) - anchor.current.top;
    }
    lastTop.current = box.scrollTop;
    anchor.current = undefined;
  });

  useEffect(() => {
    const box = scroller.current;
    if (box === null || first !== undefined) return undefined;
    // The keyboard of a phone, or a larger field to write in, takes room from the end.
    const observer = new ResizeObserver(() => {
      box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [first]);

  const scrolled = () => {
    const box = scroller.current;
    if (box === null) return;
    const wentUp = box.scrollTop < lastTop.current - 1;
    lastTop.current = box.scrollTop;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    const next = nextFirst({ entries, start, first, hasAll, wentUp, above: box.scrollTop, below });
    if (next === first) return;
    anchor.current = anchorIn(box);
    setFirst(next);
  };

  return html`
    <div class="messages">
      <div class="scroller" ref=${scroller} onScroll=${scrolled} tabindex="0" role="region" aria-label="Messages">
        ${entries.length === 0 && html`<p class="empty soft">Nothing was said here yet.</p>`}
        <ol>
          ${drawn.map((entry, index) => {
            const before = entries[start + index - 1];
            const after = entries[start + index + 1];
            const beginsDay = before === undefined || !isSameDay(before.time, entry.time);
            return html`<${Row} key=${entry.number} entry=${entry} beginsDay=${beginsDay}
              isFirst=${beginsDay || !standTogether(before, entry)}
              isLast=${after === undefined || !standTogether(entry, after)}
              sendAgain=${sendAgain} />`;
          })}
        </ol>
      </div>
      ${
        first !== undefined &&
        html`<button type="button" class="to-end small" onClick=${() => setFirst(undefined)}>
          ${fresh > 0 ? `${fresh} new` : 'To the end'} <span aria-hidden="true">↓</span>
        </button>`
      }
    </div>
  `;
}

function startOf(entries: readonly Entry[], first: number | undefined): number {
  const last = Math.max(0, entries.length - DRAWN_ENTRIES);
  if (first === undefined) return last;
  const index = entries.findIndex((entry) => entry.number >= first);
  return index === -1 ? last : Math.min(index, last);
}

interface Where {
  readonly entries: readonly Entry[];
  readonly start: number;
  readonly first: number | undefined;
  readonly hasAll: boolean;
  readonly wentUp: boolean;
  readonly above: number;
  readonly below: number;
}

/** Which entry is the first one after somebody has scrolled. */
function nextFirst({ entries, start, first, hasAll, wentUp, above, below }: Where): number | undefined {
  if (hasAll && below <= END_PX) return undefined;
  if (first === undefined && !wentUp) return undefined;
  if (above < NEAR_PX && start > 0) return entries[Math.max(0, start - STEP_ENTRIES)]?.number;
  if (below < NEAR_PX && !hasAll) return entries[start + STEP_ENTRIES]?.number;
  return first ?? entries[start]?.number;
}

/** The first row that is seen: it stays where it is, whatever is drawn above it. */
function anchorIn(box: HTMLElement): Anchor | undefined {
  const rows = [...box.querySelectorAll<HTMLElement>('li')];
  const element = rows.find((row) => topIn(box, row) + row.offsetHeight > 0);
  return element && { element, top: topIn(box, element) };
}

function topIn(box: HTMLElement, element: HTMLElement): number {
  return element.getBoundingClientRect().top - box.getBoundingClientRect().top;
}

function standTogether(before: Entry | undefined, entry: Entry): boolean {
  return before !== undefined && before.kind === entry.kind && entry.time - before.time < TOGETHER_MS;
}
