/** Does what the steps of a session ask for: it sends messages, answers commands and says notices. */
import type { Notice } from '../../protocol/notice-line.ts';
import type { Decoder, Found } from '../../protocol/protocol.ts';
import { senderPrefix } from '../../protocol/sender-prefix.ts';
import type { DestinationSet } from '../../router/destination-set.ts';
import { Outbox } from '../../router/outbox.ts';
import type { Routed } from '../../router/router.ts';
import type { NameStanding } from '../../shared/codes/notice-texts.ts';
import { NO_MESSAGE_ID } from '../../shared/wire/events.ts';
import { type Prefix, prefixOf } from '../../shared/wire/message.ts';
import { type AttachmentNumber, NO_QUESTION } from '../../shared/wire/records.ts';
import type { Grant } from '../auth/authenticator.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { Backlog } from '../program/backlog.ts';
import type { Program } from '../program/program.ts';
import { postsOf } from '../program/shard-parts.ts';
import { type AnswersHost, answer } from './answers.ts';
import type { TurnShare } from './turn-share.ts';

/** A step of a session that is not about its name, and no message. */
type OtherRequest = Extract<Found, 'command' | 'question' | 'nothing' | 'ack'>;

const NO_PREFIX = prefixOf(Buffer.alloc(0));

/** The requests of one session. */
export class Requests {
  readonly #sender: AttachmentNumber;
  readonly #notices: NoticeBuffer;
  readonly #host: AnswersHost;
  #prefix: Prefix = NO_PREFIX;
  /** How many names of the current message it was sent to. */
  #namesDone = 0;
  /** How many answers of shards are due, and what is called after the last. */
  #answersDue = 0;
  #whenAnswered: (() => void) | undefined;
  #program: Program | undefined;
  /** The number of the message of a program that is being sent. */
  #messageNumber = NO_MESSAGE_ID;

  constructor(sender: AttachmentNumber, notices: NoticeBuffer, host: AnswersHost) {
    this.#sender = sender;
    this.#notices = notices;
    this.#host = host;
  }

  /** From now on, sends messages under this name. @param _grant is for those who look whom it may write to */
  sendAs(name: Uint8Array, _grant?: Grant): void {
    this.#prefix = senderPrefix(name);
  }

  /** The cost, in bytes, of the request that must wait for a shard. */
  get askedBytes(): number {
    return this.#host.router.askedBytes;
  }

  /** Whether no answer of a shard is due. */
  get answered(): boolean {
    return this.#answersDue === 0 && this.#program?.owesNothing !== false;
  }

  /** From now on, does what a program asks for. */
  serve(program: Program): void {
    this.#program = program;
  }

  /** Nothing that is due may be missing any more. */
  noteAnswered(): void {
    if (this.#whenAnswered === undefined || !this.answered) return;
    const then = this.#whenAnswered;
    this.#whenAnswered = undefined;
    then();
  }

  /** Calls `then` once, after the last answer that is due. */
  whenAnswered(then: () => void): void {
    this.#whenAnswered = then;
  }

  /** A shard has answered a question about a name. */
  whoIs(shard: number, question: number, name: Uint8Array, standing: NameStanding): void {
    if (question === NO_QUESTION) {
      this.#answersDue--;
      this.#notices.say({ code: 'WHO_IS', name, standing });
    } else this.#program?.whoIs(shard, question, name, standing);
    this.noteAnswered();
  }

  /**
   * Sends a message, or as much of it as the share allows. The same step given again continues from there.
   * @returns `routed` if it is done, `in part` if the rest has to wait for the next turn, or the congested outbox to
   *   wait for
   */
  send(decoder: Decoder, share: TurnShare): Outbox | Backlog | Routed {
    if (this.#program !== undefined) return this.#sendFor(this.#program, decoder.to, share);
    return this.#route(decoder, decoder.to, share);
  }

  /**
   * As `send`, to some of the names of the step.
   * @param to the names that it is sent to, which may be none
   * @param forbidden the others
   */
  protected sendTo(
    decoder: Decoder,
    to: DestinationSet,
    forbidden: readonly Uint8Array[],
    share: TurnShare,
  ): Outbox | Backlog | Routed {
    const program = this.#program;
    const begins = this.#messageNumber === NO_MESSAGE_ID && forbidden.length > 0;
    if (begins && program?.backlog.isFull === true) return program.backlog;
    if (to.count === 0) {
      share.spend(decoder.work, 0);
      program?.refuse(forbidden);
      return 'routed';
    }
    if (program === undefined) return this.#route(decoder, to, share);
    const { sendId } = program.decoder;
    if (begins && sendId !== undefined) this.#messageNumber = program.pending.beginWith(sendId, to.count, forbidden);
    return this.#sendFor(program, to, share);
  }

  /** Whether the peer learns from an answer to the message of the step what became of it. */
  protected get isAnswered(): boolean {
    return this.#program?.decoder.sendId !== undefined;
  }

  /** The peer is slowed, because it sends more than it may. */
  slowed(): void {
    this.#notices.say({ code: 'SLOWED' });
  }

  /** Says a notice. */
  protected tell(notice: Notice): void {
    this.#notices.say(notice);
  }

  #route(decoder: Decoder, to: DestinationSet, share: TurnShare): Outbox | Routed {
    const { router } = this.#host;
    const result = router.send(this.#sender, this.#prefix, to, decoder.text, this.#namesDone, share.costBytes);
    share.spend(decoder.work, router.costBytes);
    this.#namesDone = result === 'routed' ? 0 : router.namesDone;
    return result;
  }

  /** Sends a message of a program. If it has an id, the program is told the outcome. */
  #sendFor({ decoder, pending, backlog }: Program, to: DestinationSet, share: TurnShare): Outbox | Backlog | Routed {
    const { sendId } = decoder;
    if (this.#messageNumber === NO_MESSAGE_ID) {
      if (backlog.isFull) return backlog;
      if (sendId !== undefined) this.#messageNumber = pending.begin(sendId, to.count);
    }
    const number = this.#messageNumber;
    decoder.numberMessage(number);
    const first = this.#namesDone;
    const postsBefore = number === NO_MESSAGE_ID ? [] : postsOf(this.#host.router);
    const result = this.#route(decoder, to, share);
    if (number !== NO_MESSAGE_ID) {
      const done = result === 'routed' ? to.count : this.#namesDone;
      if (done > first) pending.put(number, to.names().shards.subarray(first, done), postsBefore);
    }
    if (result === 'routed') this.#messageNumber = NO_MESSAGE_ID;
    return result;
  }

  /** Does what a step asks for that is no message. @returns what must be waited for; then the same step comes again */
  do(step: OtherRequest, decoder: Decoder, share: TurnShare): Outbox | Backlog | Routed {
    switch (step) {
      case 'command':
        return this.#answer(decoder, share);
      case 'question':
        return this.#ask(share);
      case 'nothing':
        return this.#say(decoder, share);
      case 'ack':
        share.spend(decoder.work, 0);
        this.#program?.acknowledge(this.#sender);
        return 'routed';
      default:
        return step satisfies never;
    }
  }

  /**
   * Answers a command.
   * @returns 'routed', or the congested outbox of the shard that has to be asked: then the same step comes again
   * @throws SessionError if the command ends the session
   */
  #answer({ command, work }: Decoder, share: TurnShare): Outbox | Routed {
    share.spend(work, 0);
    const result = answer(command, this.#sender, this.#notices, this.#host);
    if (result === 'asked') this.#answersDue++;
    return result instanceof Outbox ? result : 'routed';
  }

  /** Does what a program asks of the broker. @returns as `#answer`, or its full backlog */
  #ask(share: TurnShare): Outbox | Backlog | Routed {
    const program = this.#program;
    if (program === undefined) return 'routed';
    const { decoder, backlog } = program;
    if (backlog.isFull && !program.hasQuestionInHand) return backlog;
    share.spend(decoder.work, 0);
    return program.answer(decoder.question, this.#sender) ?? 'routed';
  }

  /** Says what the peer is told of a line that goes nowhere, if anything. */
  #say({ notice, work }: Decoder, share: TurnShare): Backlog | Routed {
    if (this.#program?.backlog.isFull === true) return this.#program.backlog;
    share.spend(work, 0);
    if (notice !== undefined) this.#notices.say(notice);
    return 'routed';
  }
}
