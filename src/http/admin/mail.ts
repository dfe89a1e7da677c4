/** The routes of mailboxes. */
import type { Context, Hono } from 'hono';
import type { AdminView, Refusal } from '../../broker/admin/admin-view.ts';
import { shownText } from '../../protocol/shown-text.ts';
import type { AskedMessage } from '../../shared/wire/port/asked.ts';
import { problem } from '../problems.ts';
import type { AdminEnv } from './guard.ts';
import { asked, MAIL_QUERY, NAMES_QUERY, SEQ_PATH } from './questions.ts';

/** The routes below `/names`. */
export function addMail(app: Hono<AdminEnv>, view: AdminView): void {
  app.get('/names', async (context) => {
    const query = asked(NAMES_QUERY, context.req.query());
    if ('wrong' in query) return problem(context, 'REQUEST_REFUSED', { problem: query.wrong });
    const { after, ...question } = query.question;
    const answer = await view.names({ ...question, after });
    return 'state' in answer ? refused(context, answer) : context.json(answer);
  });
  app.get('/names/:name/mail', async (context) => {
    const query = asked(MAIL_QUERY, context.req.query());
    if ('wrong' in query) return problem(context, 'REQUEST_REFUSED', { problem: query.wrong });
    const name = context.req.param('name');
    const answer = await view.mail(name, query.question.after, query.question.limit);
    if (answer.state !== 'mail') return refused(context, answer);
    const { messages, more, inHands } = answer;
    return context.json({ name, messages: messages.map(shown), more, inHands });
  });
  app.delete('/names/:name/mail', async (context) => {
    const answer = await view.purge(context.req.param('name'));
    if (answer.state !== 'purged') return refused(context, answer);
    return context.json({ purged: answer.purged, more: answer.more });
  });
  app.delete('/names/:name/mail/:seq', async (context) => {
    const path = asked(SEQ_PATH, context.req.param());
    if ('wrong' in path) return problem(context, 'REQUEST_REFUSED', { problem: path.wrong });
    const answer = await view.purgeOne(context.req.param('name'), path.question.seq);
    if (answer.state !== 'purged') return refused(context, answer);
    return answer.purged === 0 ? problem(context, 'NO_MESSAGE', {}) : context.json({ purged: answer.purged });
  });
}

/** A message as it is shown. Times are in milliseconds since 1970. */
function shown({ seq, from, heldAt, expires, bytes, durable, isJson, body, cut }: AskedMessage) {
  return {
    seq,
    from,
    at: heldAt * 1000,
    bytes,
    durable,
    ...(expires === undefined ? {} : { expires: expires * 1000 }),
    text: isJson ? shownText(body, cut) : body,
    ...(cut ? { cut } : {}),
  };
}

function refused(context: Context, refusal: Refusal): Response {
  switch (refusal.state) {
    case 'unknown':
      return problem(context, 'NAME_NOT_KNOWN', {});
    case 'busy':
      return problem(context, 'SHARD_BUSY', {});
    case 'down':
      return problem(context, 'SHARD_DOWN', {});
    case 'unreadable':
      return problem(context, 'MAIL_UNREADABLE', {});
    case 'unwritable':
      return problem(context, 'MAIL_UNWRITABLE', {});
    default:
      return refusal satisfies never;
  }
}
