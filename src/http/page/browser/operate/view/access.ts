/** Asks for the token, or says why this browser is not answered. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Access, ask, giveToken } from '../api/client.ts';

type Denied = Exclude<Access, { readonly state: 'allowed' }>;

/** In place of the half while the broker does not answer it. */
export function Asked({ access }: { readonly access: Denied }): VNode {
  switch (access.state) {
    case 'token needed':
      return html`<${TokenForm} wasWrong=${access.wasWrong} />`;
    case 'refused':
      return html`<${NotFromHere} text=${access.text} />`;
    default:
      return access satisfies never;
  }
}

function TokenForm({ wasWrong }: { readonly wasWrong: boolean }): VNode {
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? '';
    if (token === '') return;
    try {
      setProblem(undefined);
      await giveToken(token);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    input.current?.select();
  };
  const wrong = wasWrong ? 'The broker does not take this token.' : problem;
  return html`
    <section class="blank access">
      <h1>Operate</h1>
      <p>This broker shows itself to who has the token of its setting <code>ADMIN_TOKEN</code>.</p>
      <form onSubmit=${submit}>
        <label for="token">Token</label>
        <input
          id="token"
          ref=${input}
          type="password"
          autocomplete="off"
          spellcheck=${false}
          aria-invalid=${wrong === undefined ? undefined : 'true'}
          aria-describedby=${wrong === undefined ? 'token-note' : 'token-wrong'}
        />
        ${wrong !== undefined && html`<p id="token-wrong" class="wrong" role="alert">${wrong}</p>`}
        <p id="token-note" class="small soft">It is kept in this tab, and forgotten when the tab is closed.</p>
        <button type="submit">Open</button>
      </form>
    </section>
  `;
}

function NotFromHere({ text }: { readonly text: string }): VNode {
  const again = () => {
    ask('/v1/info').catch(() => {
      // Why it is refused stands on the page already.
    });
  };
  return html`
    <section class="blank access">
      <h1>Operate</h1>
      <p role="alert">The broker does not show itself to this browser: ${text}.</p>
      <p>
        Either open this page in a browser on the machine of the broker, or by a tunnel to it, as <code>ssh -L</code>
        makes one; or set <code>ADMIN_TOKEN</code>, and start the broker anew. Then this page asks for the token.
      </p>
      <p><button type="button" onClick=${again}>Try again</button></p>
    </section>
  `;
}
