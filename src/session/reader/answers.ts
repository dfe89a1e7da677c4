/** Answers the commands of a peer. */
import { quit } from '../../protocol/errors.ts';
import type { Command } from '../../protocol/protocol.ts';
import type { Outbox } from '../../router/outbox.ts';
import type { Router } from '../../router/router.ts';
import type { AttachmentNumber } from '../../shared/wire/records.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { Presence } from '../presence.ts';

/** What the answers are made of. */
export interface AnswersHost {
  readonly config: { readonly MAX_NAME_BYTES: number };
  readonly router: Router;
  readonly presence: Presence;
}

/**
 * Answers a command, at once or when the shard has answered.
 * @returns `asked` if a shard was asked, which will answer; the congested outbox to wait for, after which the command
 *   must be given again; undefined if all is done
 * @throws SessionError if the command ends the session
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
      notices.say({ code: 'HELP' });
      return undefined;
    case 'who':
      notices.say({ code: 'WHO', names: host.presence.names(), count: host.presence.count });
      return undefined;
    case 'who is':
      return whoIs(command.name, asker, notices, host);
    case 'unknown':
      notices.say({ code: 'NO_COMMAND', word: command.word });
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
  notices.say({ code: 'WHO_IS', name, standing: { state: 'unknown', waiting: 0 } });
  return undefined;
}
