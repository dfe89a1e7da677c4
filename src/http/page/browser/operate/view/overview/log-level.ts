/** What the broker writes to its log. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../api/client.ts';
import type { Desk } from '../../desk.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

interface Props {
  readonly desk: Desk;
  /** The level that is set. */
  readonly level: string;
}

export function LogLevel({ desk, level }: Props): VNode {
  const [chosen, choose] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const shown = chosen ?? level;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (chosen === undefined) return;
    try {
      await ask('/v1/log-level', { method: 'PUT', body: { level: chosen } });
      await desk.askInfo();
      desk.say(`The log level is ${chosen}.`);
      choose(undefined);
      setWrong(undefined);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return html`
    <form class="log-level" onSubmit=${submit}>
      <label for="level">Level</label>
      <select id="level" value=${shown}
        onChange=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
        ${LEVELS.map((each) => html`<option key=${each} value=${each} selected=${each === shown}>${each}</option>`)}
      </select>
      <button type="submit" disabled=${chosen === undefined || chosen === level}>Set</button>
      <p class="small soft">It is ${level}. Another one holds until the broker is started anew.</p>
      ${wrong !== undefined && html`<p class="wrong" role="alert">It was not set: ${wrong}</p>`}
    </form>
  `;
}
