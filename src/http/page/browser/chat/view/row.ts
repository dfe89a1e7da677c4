/** One entry of a conversation. */
import { html } from 'htm/preact';
import { Component, type VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { shownName, shownText } from '../../parts/shown.ts';
import type { Entry } from '../model/conversations.ts';
import type { Sends } from '../model/events.ts';
import { Names } from './names.ts';
import { canBeSentAgain, stateWords } from './states.ts';
import { dayText, timeText } from './times.ts';

/** A longer text is folded to its beginning. */
const FOLD_CHARS = 2_000;
const FOLD_LINES = 24;
const FOLDED_CHARS = 800;
const FOLDED_LINES = 8;

export interface RowProps {
  readonly entry: Entry;
  /** It is the first one of its sender in a row, so that the sender is said. */
  readonly isFirst: boolean;
  /** It is the first one of its day. */
  readonly beginsDay: boolean;
  /** It is the last one of its sender in a row, so that it says what became of them. */
  readonly isLast: boolean;
  readonly sendAgain: (message: Sends) => void;
}

/** Is drawn anew only when it has changed: an entry that has changed is another object. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { entry, isFirst, beginsDay, isLast } = this.props;
    return entry !== next.entry || isFirst !== next.isFirst || beginsDay !== next.beginsDay || isLast !== next.isLast;
  }

  override render({ entry, isFirst, beginsDay, isLast, sendAgain }: RowProps): VNode {
    return html`
      <li data-number=${entry.number} class=${entry.kind} data-first=${isFirst}>
        ${beginsDay && html`<h2 class="day">${dayText(entry.time)}</h2>`}
        ${entry.kind === 'said' && html`<p class="said small soft"><bdi>${shownText(entry.text)}</bdi></p>`}
        ${entry.kind === 'came' && html`<${CameMessage} entry=${entry} isFirst=${isFirst} isLast=${isLast} />`}
        ${entry.kind === 'sends' && html`<${SentMessage} entry=${entry} isLast=${isLast} sendAgain=${sendAgain} />`}
      </li>
    `;
  }
}

type CameEntry = Extract<Entry, { kind: 'came' }>;
type SentEntry = Extract<Entry, { kind: 'sends' }>;

interface CameProps extends Pick<RowProps, 'isFirst' | 'isLast'> {
  readonly entry: CameEntry;
}

function CameMessage({ entry, isFirst, isLast }: CameProps): VNode {
  return html`
    ${isFirst && html`<p class="from small"><bdi>${shownName(entry.from)}</bdi></p>`}
    <${Body} text=${entry.text} isJson=${entry.isJson === true} />
    <p class=${isLast || entry.waited ? 'meta soft' : 'unseen'}>
      <${Time} time=${entry.time} />
      ${entry.waited && html`<span class="waited"> · waited for you</span>`}
    </p>
  `;
}

interface SentProps extends Pick<RowProps, 'isLast' | 'sendAgain'> {
  readonly entry: SentEntry;
}

function SentMessage({ entry, isLast, sendAgain }: SentProps): VNode {
  const words = stateWords(entry.states);
  // A row of messages that were all delivered says so once.
  const isSeen = isLast || words.some(({ tone }) => tone !== 'good');
  return html`
    <span class="unseen">You: </span>
    <${Body} text=${entry.text} isJson=${false} />
    <p class=${isSeen ? 'meta soft' : 'unseen'}>
      <${Time} time=${entry.time} />
      ${words.map(
        ({ names, text, tone }, index) => html`<span key=${text} class=${`state ${tone}`}>
          ${index === 0 ? ' · ' : ''}${words.length > 1 && html`<${Names} names=${names} />: `}${text}
        </span>`,
      )}
      ${
        canBeSentAgain(entry.states) &&
        html`<button type="button" class="quiet small" onClick=${() => sendAgain(entry)}>Send again</button>`
      }
    </p>
  `;
}

function Time({ time }: { readonly time: number }): VNode {
  return html`<time datetime=${new Date(time).toISOString()}>${timeText(time)}</time>`;
}

function Body({ text, isJson }: { readonly text: string; readonly isJson: boolean }): VNode {
  const [isOpen, setOpen] = useState(false);
  const beginning = useMemo(() => beginningOf(text), [text]);
  const isFolded = beginning.length < text.length;
  const shown = useMemo(() => shownText(isOpen ? text : beginning), [text, beginning, isOpen]);
  if (text === '') return html`<div class="body soft">an empty message</div>`;
  return html`
    <div class=${isJson ? 'body mono' : 'body'} dir="auto">${shown}${isFolded && !isOpen ? ' …' : ''}</div>
    ${
      isFolded &&
      html`<button
        type="button"
        class="quiet small fold"
        aria-expanded=${isOpen ? 'true' : 'false'}
        onClick=${() => setOpen(!isOpen)}
      >
        ${isOpen ? 'Show less' : `Show all ${sizeText(text.length)}`}
      </button>`
    }
  `;
}

/** The beginning of a long text, or all of another. */
function beginningOf(text: string): string {
  const lines = text.length > FOLD_CHARS ? [] : text.split('\n');
  if (text.length <= FOLD_CHARS && lines.length <= FOLD_LINES) return text;
  return text.slice(0, FOLDED_CHARS).split('\n').slice(0, FOLDED_LINES).join('\n');
}

function sizeText(chars: number): string {
  return chars < 10_000 ? `${chars} characters` : `${Math.round(chars / 1_000)},000 characters`;
}
