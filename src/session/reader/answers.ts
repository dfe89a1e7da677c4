/** What comes of a command. */
import { quit } from '../../protocol/errors.ts';
import type { Command } from '../../protocol/protocol.ts';
import type { Outbox } from '../../router/outbox.ts';
import type { Router } from '../../router/router.ts';
import type { AttachmentNumber } from '../../shared/wire/to-shard.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { Presence } from '../presence.ts';

/** What answers are made of. */
export interface AnswersHost {
  readonly config: { readonly MAX_NAME_BYTES: number };
  readonly router: Router;
  readonly presence: Presence;
}

/**
 * Answers a command, now or when the shard has answered that is asked for it.
 * @returns whether a shard was asked, which will answer; or its congested outbox: then the command must be given again
 * @throws SessionError if it ends the session
 */
export function answer(
  command: Command,
  asker: AttachmentNumber,
  notices: NoticeBuffer,
  host: AnswersHost,
): Outbox | 'asked' | undefined {
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
      return whoIs(command.name, asker, notices, host);
    case 'unknown':
      notices.say({ kind: 'no command', word: command.word });
      return undefined;
    default:
      return command satisfies never;
  }
}

function whoIs(
  name: Uint8Array,
  asker: AttachmentNumber,
  notices: NoticeBuffer,
  { config, router }: AnswersHost,
): Outbox | 'asked' | undefined {
  if (name.length <= config.MAX_NAME_BYTES) return router.askWho(asker, name) ?? 'asked';
  notices.say({ kind: 'who is', name, standing: { state: 'unknown', waiting: 0 } });
  return undefined;
}
