/** `POST /v1/backup`: gives out the whole store, as it is at one moment. */
import type { Context, Hono } from 'hono';
import type { AdminView, BackupAnswer, BackupPieces } from '../../broker/admin/admin-view.ts';
import { problem } from '../problems.ts';
import type { AdminEnv } from './guard.ts';

/** A store keeps what is deleted as long as it is read. So a backup of which nothing is taken for so long ends. */
const UNTAKEN_MS = 60_000;
const AS_BACKUP = { 'content-type': 'application/octet-stream' };

/** Adds the route. @param hasToken whether who asks has shown the token of the settings */
export function addBackup(app: Hono<AdminEnv>, view: AdminView, hasToken: boolean): void {
  app.post('/backup', async (context) => {
    const answer = await view.backup(hasToken);
    if (answer.state !== 'backup') return refused(context, answer);
    return context.body(
      streamOf(answer, UNTAKEN_MS, () => context.env?.outgoing?.destroy()),
      200,
      AS_BACKUP,
    );
  });
}

/**
 * The backup as a stream, of which one piece is read ahead.
 * @param untakenMs how long it waits for its reader
 * @param drop closes the connection of the reader
 */
export function streamOf({ head, pieces }: BackupPieces, untakenMs: number, drop: () => void) {
  let timer: NodeJS.Timeout | undefined;
  const end = async () => {
    clearTimeout(timer);
    await pieces.return(undefined);
  };
  const wait = () => {
    timer = setTimeout(() => void end().finally(drop), untakenMs);
  };
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(head);
      wait();
    },
    pull: async (controller) => {
      clearTimeout(timer);
      const { value, done } = await pieces.next();
      if (done === true) controller.close();
      else {
        controller.enqueue(value);
        wait();
      }
    },
    cancel: end,
  });
}

function refused(context: Context, answer: Exclude<BackupAnswer, { readonly state: 'backup' }>): Response {
  switch (answer.state) {
    case 'nothing':
      return problem(context, 'NO_STORE', {});
    case 'under way':
      return problem(context, 'BACKUP_UNDER_WAY', {});
    case 'secret':
      return problem(context, 'BACKUP_SECRET', {});
    case 'stopping':
      return problem(context, 'BROKER_STOPPING', {});
    case 'unreadable':
      return problem(context, 'BACKUP_UNREADABLE', { reason: answer.reason });
    default:
      return answer satisfies never;
  }
}
