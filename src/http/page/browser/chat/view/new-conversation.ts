/** Whom to write to. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../../parts/view.ts';
import { open } from '../route.ts';

export function NewConversation(): VNode {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const names = [...new Set(text.split(',').map((name) => name.trim().normalize('NFC')))].filter(Boolean);
    const problem = problemOf(names);
    setWrong(problem);
    if (problem === undefined) open(names);
    else input.current?.focus();
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key === 'Escape') goTo('chat');
  };
  return html`
    <section class="thread new-conversation" aria-label="New conversation">
      <form onSubmit=${submit} onKeyDown=${leave}>
        <h1>New conversation</h1>
        <label for="to">To</label>
        <input
          id="to"
          ref=${input}
          value=${text}
          onInput=${(event: Event) => setText((event.target as HTMLInputElement).value)}
          placeholder="a name, or several with commas between them"
          autocomplete="off"
          autocapitalize="off"
          spellcheck=${false}
          aria-invalid=${wrong === undefined ? undefined : 'true'}
          aria-describedby=${wrong === undefined ? undefined : 'to-wrong'}
        />
        ${wrong !== undefined && html`<p id="to-wrong" class="wrong" role="alert">${wrong}</p>`}
        <div class="row">
          <button type="submit">Write</button>
          <a class="button quiet" href="#chat">Cancel</a>
        </div>
      </form>
    </section>
  `;
}

function problemOf(names: readonly string[]): string | undefined {
  if (names.length === 0) return 'Say a name.';
  const strange = names.find((name) => name.includes(':'));
  return strange === undefined ? undefined : 'No name has a colon in it.';
}
