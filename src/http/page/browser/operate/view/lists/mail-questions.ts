/** What is asked before mail is purged, and how a message is shown. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { shownText } from '../../../parts/shown.ts';
import type { MailRow, PurgedAnswer } from '../../api/answers.ts';
import { ask } from '../../api/client.ts';
import type { Question } from '../../desk.ts';
import { bytes, counted, time } from '../../model/figures.ts';
import { mailPath } from '../../model/rows/mail-rows.ts';
import { Glimpse, Name } from '../text.ts';

/** A message with all that is known of it. */
export function messageShown(name: string, row: MailRow): Question {
  const { from, at, durable, expires, text, cut } = row;
  return {
    title: html`Message for <${Name} name=${name} />`,
    body: html`
      <dl class="facts">
        <div><dt>From</dt><dd><${Name} name=${from} /></dd></div>
        <div><dt>Held since</dt><dd>${time(at)}</dd></div>
        <div><dt>Size</dt><dd>${bytes(row.bytes)}</dd></div>
        <div><dt>Durable</dt><dd>${durable ? 'yes' : 'no'}</dd></div>
        ${expires !== undefined && html`<div><dt>Expires</dt><dd>${time(expires)}</dd></div>`}
      </dl>
      <p class="letter">${shownText(text)}</p>
      ${cut === true && html`<p class="small soft">This is its beginning: the broker shows no more of it.</p>`}
    `,
  };
}

export function purgeOneQuestion(name: string, row: MailRow, done: () => void): Question {
  return {
    title: 'Purge this message?',
    body: html`
      <p>From <strong><${Name} name=${row.from} /></strong>, for <strong><${Name} name=${name} /></strong>,
        held since ${time(row.at)}:</p>
      <p class="letter short"><${Glimpse} text=${row.text} /></p>
      <${Lost} />
    `,
    deed: {
      verb: 'Purge message',
      run: async () => {
        await ask<PurgedAnswer>(`${mailPath(name)}/${row.seq}`, { method: 'DELETE' });
        done();
        return 'The message is purged.';
      },
    },
  };
}

export function purgeAllQuestion(name: string, done: () => void): Question {
  return {
    title: 'Purge this mailbox?',
    body: html`<p>All mail that waits for <strong><${Name} name=${name} /></strong> now is dropped.</p><${Lost} />`,
    deed: {
      verb: 'Purge all',
      run: async () => {
        const purged = await purgeAll(name).finally(done);
        return `${counted(purged, 'message')} purged.`;
      },
    },
  };
}

function Lost(): VNode {
  return html`<p>It cannot be got back. Senders that want a receipt are told.</p>`;
}

/** Purges until nothing is left of what waited: a large mailbox takes several answers. */
async function purgeAll(name: string): Promise<number> {
  let sum = 0;
  for (;;) {
    const { purged, more } = await ask<PurgedAnswer>(mailPath(name), { method: 'DELETE' });
    sum += purged;
    if (more !== true || purged === 0) return sum;
  }
}
