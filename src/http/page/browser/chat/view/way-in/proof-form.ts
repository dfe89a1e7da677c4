/** Asks for the proof of a name. What is typed is read from the field once, and the field is empty again at once. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { shownName } from '../../../parts/shown.ts';

/** What is asked for. */
export interface AskedProof {
  readonly name: string;
  /** Why it is asked for again; undefined the first time. */
  readonly why: string | undefined;
  /** How it goes with the proof that was given; undefined if none is looked at. */
  readonly progress: string | undefined;
}

interface Props extends AskedProof {
  readonly prove: (proof: string) => void;
  readonly leave: () => void;
}

export function ProofForm({ name, why, progress, prove, leave }: Props): VNode {
  const isChecked = progress !== undefined;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!isChecked) input.current?.focus();
  }, [isChecked, why]);
  const submit = (event: Event) => {
    event.preventDefault();
    const { current: field } = input;
    if (field === null || field.value === '' || isChecked) return;
    const proof = field.value;
    field.value = '';
    prove(proof);
  };
  const note = why === undefined ? 'proof-note' : 'proof-wrong proof-note';
  return html`
    <section class="sign-in">
      <h1>Prove that you are <bdi>${shownName(name)}</bdi></h1>
      <p class="soft">The broker gives this name and its mail to who has its password, or a token for it.</p>
      <form onSubmit=${submit}>
        <input class="unseen" value=${name} autocomplete="username" readonly tabindex="-1" aria-hidden="true" />
        <label for="proof">Password or token</label>
        <input
          id="proof"
          ref=${input}
          type="password"
          autocomplete="current-password"
          autocapitalize="off"
          spellcheck=${false}
          required
          readonly=${isChecked}
          aria-invalid=${why === undefined ? undefined : 'true'}
          aria-describedby=${note}
        />
        ${why !== undefined && html`<p id="proof-wrong" class="wrong" role="alert">${why}</p>`}
        <p id="proof-note" class="small soft">
          A token is kept in this tab until you leave. A password is not: it is asked for when the page is loaded again.
          ${!isSecureContext && ' This page came without TLS: others on the way to the broker can read what you type.'}
        </p>
        <div class="row">
          <button type="submit" aria-disabled=${isChecked ? 'true' : undefined}>Prove</button>
          <button type="button" class="quiet" onClick=${leave}>Take another name</button>
        </div>
        <p class="small soft" role="status">${progress}</p>
      </form>
    </section>
  `;
}
