/** What comes of a command. */
import type { AttachmentNumber } from './channel/to-shard.ts';
import type { Command } from './commands.ts';
import { quit } from './errors.ts';
import type { NoticeBuffer } from './notice-buffer.ts';
import type { Outbox } from './outbox.ts';
import type { Presence } from './presence.ts';
import type { Router } from './router.ts';

/** What answers are made of. */
export interface AnswersHost {
  readonly config: { readonly MAX_NAME_BYTES: number };
  readonly router: Router;
  readonly presence: Presence;
}

/**
 * Answers a command, now or when the shard has answered that is asked for it.
 * @returns undefined, or the congested outbox of that shard: then the command must be given again
 * @throws SessionError if it ends the session
 */
export function answer(
  command: Command,
  asker: AttachmentNumber,
  notices: NoticeBuffer,
  host: AnswersHost,
): Outbox | undefined {
  if (command.kind === 'quit') throw quit();
  if (notices.full) return undefined;
  switch (command.kind) {
    case 'help':
      notices.say({ kind: 'help' });
      return undefined;
    case 'who':
      notices.say({ kind: 'who', names: host.presence.names(), count: host.presence.count });
      return undefined;
    case 'who is':
      if (command.name.length <= host.config.MAX_NAME_BYTES) return host.router.askWho(asker, command.name);
      notices.say({ kind: 'who is', name: command.name, standing: { state: 'unknown', waiting: 0 } });
      return undefined;
    case 'unknown':
      notices.say({ kind: 'no command', word: command.word });
      return undefined;
    default:
      return command satisfies never;
  }
}
