/** Asks before something is done that cannot be undone. The rest of the page waits for the answer. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../../parts/store.ts';
import type { Desk, Question } from '../desk.ts';

/** The question of the desk, if there is one. */
export function QuestionBox({ desk }: { readonly desk: Desk }): VNode | null {
  const question = useStore(desk.question);
  return question === undefined ? null : html`<${Box} key=${question} desk=${desk} question=${question} />`;
}

function Box({ desk, question }: { readonly desk: Desk; readonly question: Question }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  // The dialog is shown by the browser itself: it keeps the focus inside, ends with Escape, and gives the focus back.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  const { deed, title, body } = question;
  const answer = async () => {
    if (deed === undefined || isBusy) return;
    setBusy(true);
    setWrong(undefined);
    try {
      desk.say(await deed.run());
      close();
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return html`
    <dialog ref=${dialog} class="question" aria-labelledby="question" onClose=${() => desk.question.set(undefined)}>
      <h2 id="question">${title}</h2>
      <div class="asked" tabindex=${deed === undefined ? 0 : undefined}>${body}</div>
      ${wrong !== undefined && html`<p class="wrong" role="alert">It was not done: ${wrong}</p>`}
      <div class="answers">
        <button type="button" class="quiet" onClick=${close}>
          ${deed === undefined ? 'Close' : 'Cancel'}
        </button>
        ${
          deed !== undefined &&
          html`<button type="button" class="grave" aria-disabled=${isBusy ? 'true' : undefined} onClick=${answer}>
            ${deed.verb}
          </button>`
        }
      </div>
    </dialog>
  `;
}
