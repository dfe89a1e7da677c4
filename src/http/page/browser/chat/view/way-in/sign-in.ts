/** Where somebody says a name. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { shownText } from '../../../parts/shown.ts';

interface Props {
  /** Why the last session is over. */
  readonly ended: { readonly name: string; readonly text: string } | undefined;
  readonly begin: (name: string) => void;
}

export function SignIn({ ended, begin }: Props): VNode {
  const [name, setName] = useState(ended?.name ?? '');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const said = name.trim().normalize('NFC');
    if (said !== '') begin(said);
    else input.current?.focus();
  };
  return html`
    <section class="sign-in">
      <h1>Say a name</h1>
      <p class="soft">
        Others write to you by it. What is sent to it while you are away waits, and arrives first when you are back.
      </p>
      <form onSubmit=${submit}>
        <label for="name">Your name</label>
        <input
          id="name"
          ref=${input}
          value=${name}
          onInput=${(event: Event) => setName((event.target as HTMLInputElement).value)}
          autocomplete="off"
          autocapitalize="off"
          spellcheck=${false}
          required
          aria-describedby=${ended === undefined ? undefined : 'ended'}
        />
        ${
          ended !== undefined &&
          html`<p id="ended" class="wrong" role="alert">The broker says: ${shownText(ended.text)}</p>`
        }
        <button type="submit">Begin</button>
      </form>
      <p class="small soft">
        Whoever says a free name first has it. For a name that belongs to somebody the page asks for the proof.
      </p>
    </section>
  `;
}
