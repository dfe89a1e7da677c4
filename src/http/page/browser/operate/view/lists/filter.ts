/** A field that narrows a list. It waits until somebody has stopped typing. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const TYPING_MS = 250;

interface Props {
  readonly id: string;
  readonly label: string;
  readonly given: string;
  readonly change: (text: string) => void;
}

export function Filter({ id, label, given, change }: Props): VNode {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(change);
  latest.current = change;
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (event: Event) => {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(value), TYPING_MS);
  };
  return html`
    <div class="filter">
      <label for=${id}>${label}</label>
      <input id=${id} type="search" defaultValue=${given} onInput=${type}
        autocomplete="off" autocapitalize="off" spellcheck=${false} />
    </div>
  `;
}
