/** Does what the steps of one session ask for: a message is sent, a command is answered, a notice is said. */
import type { Decoder } from '../../protocol/protocol.ts';
import { senderPrefix } from '../../protocol/sender-prefix.ts';
import { Outbox } from '../../router/outbox.ts';
import type { Routed } from '../../router/router.ts';
import { type Prefix, prefixOf } from '../../shared/wire/message.ts';
import type { AttachmentNumber } from '../../shared/wire/records.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import { type AnswersHost, answer } from './answers.ts';
import type { TurnShare } from './turn-share.ts';

const NO_PREFIX = prefixOf(Buffer.alloc(0));

export class Requests {
  readonly #sender: AttachmentNumber;
  readonly #notices: NoticeBuffer;
  readonly #host: AnswersHost;
  #prefix: Prefix = NO_PREFIX;
  /** To how many of its names the message at hand is sent. */
  #namesDone = 0;
  /** What shards were asked and have not answered, and what is done then. */
  #answersDue = 0;
  #whenAnswered: (() => void) | undefined;

  constructor(sender: AttachmentNumber, notices: NoticeBuffer, host: AnswersHost) {
    this.#sender = sender;
    this.#notices = notices;
    this.#host = host;
  }

  /** From now on messages go out under this name. */
  sendAs(name: Uint8Array): void {
    this.#prefix = senderPrefix(name);
  }

  /** What the request that must wait asks a shard for. */
  get askedBytes(): number {
    return this.#host.router.askedBytes;
  }

  /** Whether everything that shards were asked is answered. */
  get answered(): boolean {
    return this.#answersDue === 0;
  }

  /** Calls `then` once, when a shard's answer is the last that is due. */
  whenAnswered(then: () => void): void {
    this.#whenAnswered = then;
  }

  /** A shard has answered. */
  noteAnswer(): void {
    this.#answersDue--;
    if (this.#answersDue === 0) this.#whenAnswered?.();
  }

  /**
   * Sends a message, or as much of it as may go now; the same step again goes on from there.
   * @returns 'in part' if the rest has to wait for another turn, or the congested outbox that it has to wait for
   */
  send(decoder: Decoder, share: TurnShare): Outbox | Routed {
    const { router } = this.#host;
    const result = router.send(this.#sender, this.#prefix, decoder.to, decoder.text, this.#namesDone, share.costBytes);
    share.spend(decoder.work, router.costBytes);
    this.#namesDone = result === 'routed' ? 0 : router.namesDone;
    return result;
  }

  /**
   * Answers a command.
   * @returns 'routed', or the congested outbox of the shard that has to be asked: then the same step comes again
   * @throws SessionError if the command ends the session
   */
  answer({ command, work }: Decoder, share: TurnShare): Outbox | Routed {
    share.spend(work, 0);
    const result = answer(command, this.#sender, this.#notices, this.#host);
    if (result === 'asked') this.#answersDue++;
    return result instanceof Outbox ? result : 'routed';
  }

  /** Says what the peer is told of a line that goes nowhere, if anything. */
  say({ notice, work }: Decoder, share: TurnShare): Routed {
    share.spend(work, 0);
    if (notice !== undefined) this.#notices.say(notice);
    return 'routed';
  }
}
