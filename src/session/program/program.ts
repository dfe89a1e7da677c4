/** A peer that speaks the protocol of programs: what its session does for it beside what it does for every peer. */
import { programSilent, receiptsUnread } from '../../protocol/errors.ts';
import type { Notice } from '../../protocol/notice-line.ts';
import type { ProgramDecoder, ProgramEncoder, Question } from '../../protocol/protocol.ts';
import type { Outbox } from '../../router/outbox.ts';
import type { NameStanding } from '../../shared/codes/notice-texts.ts';
import type { Outcome } from '../../shared/wire/events.ts';
import type { AttachmentNumber } from '../../shared/wire/records.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { Reader } from '../reader/reader.ts';
import type { SessionHost } from '../session-host.ts';
import type { Writer } from '../writer/writer.ts';
import { Asking } from './asking.ts';
import { Backlog } from './backlog.ts';
import { PendingQuestions } from './pending-questions.ts';
import { forbiddenFor, PendingSends } from './pending-sends.ts';
import { PINGS_BEFORE_THE_END, type PingedProgram } from './pings.ts';
import type { Receipt, ReceiptTaker } from './receipts.ts';
import { Watch } from './watch.ts';

/** An acknowledgement of a message that is further back than this cannot be of one that is not acknowledged yet. */
const MAX_NUMBERS_APART = 2 ** 31;
/** The most bytes of answers that may wait for its socket when a receipt comes. */
export const MAX_WAITING_RECEIPT_BYTES = 1024 * 1024;

/** What a peer speaks: lines, or JSON, with acknowledgements of its mail or without. */
export const SPEAKS = ['plain', 'program', 'acknowledging'] as const;
export type Speaks = (typeof SPEAKS)[number];

/** The parts of the broker that are used here. */
type ProgramHost = Pick<
  SessionHost,
  'config' | 'programs' | 'memory' | 'places' | 'turns' | 'router' | 'presence' | 'pings' | 'receipts'
>;

/** The parts of a session that are used here. */
export interface ProgramParts {
  readonly reader: Pick<Reader, 'takeHeard' | 'stop'>;
  readonly writer: Pick<Writer, 'speak' | 'reportEach' | 'acknowledged' | 'rejected' | 'waitingNotices'>;
  readonly notices: Pick<NoticeBuffer, 'speak' | 'say' | 'take'>;
}

/** The program that is the peer of one session. */
export class Program implements PingedProgram, ReceiptTaker {
  readonly decoder: ProgramDecoder;
  readonly encoder: ProgramEncoder;
  readonly pending = new PendingSends();
  readonly #questions = new PendingQuestions();
  readonly #asking: Asking;
  readonly #watch: Watch;
  readonly backlog: Backlog;
  readonly #host: ProgramHost;
  readonly #parts: ProgramParts;
  #welcome = false;
  #over = false;

  /** From now on the writer and the notices of the session speak its protocol. */
  constructor(host: ProgramHost, parts: ProgramParts) {
    this.#host = host;
    const { programs, memory, places, turns, router, presence } = host;
    const { notices } = parts;
    const waiting = parts.writer.waitingNotices;
    this.#parts = parts;
    this.decoder = programs.decoder(memory, places);
    this.encoder = programs.encoder();
    this.backlog = new Backlog(this.pending, this.#questions, waiting, turns);
    this.#asking = new Asking(router, this.#questions);
    this.#watch = new Watch({ presence, notices, turns, waiting });
    waiting.whenTaken = () => this.#watch.sayLater();
    notices.speak(this.encoder);
    this.encoder.precede(() => both(waiting.take(), notices.take()));
    parts.writer.speak(this.encoder, false);
  }

  /** Known once it has said hello. */
  get speaks(): Speaks {
    return this.decoder.acknowledges ? 'acknowledging' : 'program';
  }

  /** It has said hello. @returns how many messages it may have unacknowledged; undefined if it acknowledges none */
  greeted(): number | undefined {
    const { acknowledges, windowMessages } = this.decoder;
    this.encoder.grant(windowMessages);
    this.#host.pings.add(this, this.#host.config.PING_SECONDS);
    if (!acknowledges) return undefined;
    this.#parts.writer.speak(this.encoder, true);
    // The window has room for the next message only once the shard knows of the last.
    this.#parts.writer.reportEach();
    return windowMessages;
  }

  /**
   * Its name is its own. It is welcome, and is pinged from now on. After its end that comes too late.
   * @param lastNumber that of the last message
   */
  welcomed(lastNumber: number): void {
    if (this.#over) return;
    this.encoder.continueBehind(lastNumber);
    this.#welcome = true;
    this.#host.receipts.enter(this.decoder.name, this);
  }

  /** Nothing more is read from it. */
  ended(): void {
    this.#over = true;
    this.#watch.end();
    this.#host.pings.remove(this, this.#host.config.PING_SECONDS);
    this.#host.receipts.leave(this.decoder.name, this);
  }

  /** See PingedProgram. */
  takeHeard(): boolean {
    return this.#parts.reader.takeHeard() || !this.#welcome;
  }

  /** See PingedProgram. */
  ping(): void {
    this.#parts.notices.say({ code: 'PING' });
  }

  /** See PingedProgram. */
  giveUp(): void {
    this.#parts.reader.stop(programSilent(this.#host.config.PING_SECONDS * PINGS_BEFORE_THE_END));
  }

  /** Whether a question is in hand, which must be asked again. */
  get hasQuestionInHand(): boolean {
    return this.#asking.inHand;
  }

  /** Whether it is owed no outcome, and no answer about a name. */
  get owesNothing(): boolean {
    return this.pending.empty && this.#questions.empty;
  }

  /**
   * Does what it asks of the broker.
   * @returns the congested outbox to wait for, after which the same must be asked again
   */
  answer(question: Question, asker: AttachmentNumber): Outbox | undefined {
    switch (question.kind) {
      case 'ping':
        this.#parts.notices.say({ code: 'PONG' });
        return undefined;
      case 'who':
        return this.#asking.ask(asker, question);
      case 'watch':
        this.#watch.add(question.names, question.id);
        return undefined;
      case 'unwatch':
        this.#watch.remove(question.names);
        return undefined;
      default:
        return question satisfies never;
    }
  }

  /** Takes what a shard says of a name that it has asked about. */
  whoIs(shard: number, question: number, name: Uint8Array, standing: NameStanding): void {
    const answer = this.#questions.note(shard, question, name, standing);
    if (answer === undefined) return;
    this.#parts.notices.say({ code: 'ANSWERED', ...answer });
    this.backlog.shrunk();
  }

  /**
   * It acknowledges all messages up to a number, or rejects the message with that number. One that was never sent is
   * ignored.
   * @param attachment that of its session
   */
  acknowledge(attachment: AttachmentNumber): void {
    const { ackNumber: number, rejects, name } = this.decoder;
    const last = this.encoder.lastNumber;
    if (number > last || number <= last - MAX_NUMBERS_APART) return;
    if (!rejects) this.#parts.writer.acknowledged(number | 0);
    else {
      const { router, receipts } = this.#host;
      const frame = this.#parts.writer.rejected(number | 0);
      if (frame === undefined) return;
      receipts.tell(frame, name, 'rejected');
      router.rejected(name, attachment, number | 0);
    }
  }

  /** See ReceiptTaker. A program that does not read them loses its session, because none of them may be dropped. */
  receipt(receipt: Receipt): void {
    const { notices, reader, writer } = this.#parts;
    notices.say({ code: 'RECEIPT', ...receipt });
    if (writer.waitingNotices.bytes > MAX_WAITING_RECEIPT_BYTES) reader.stop(receiptsUnread());
  }

  /** Whether it is told this. A program that does not ask for an outcome is told only of a refusal. */
  isTold(notice: Notice): boolean {
    return notice.code !== 'MAIL_HELD';
  }

  /** Takes what became of a message, for one of its names, from a shard. */
  outcome(shard: number, outcome: Outcome): void {
    const accepted = this.pending.note(shard, outcome);
    if (accepted === undefined) return;
    const { id, to, duplicate } = accepted;
    this.#parts.notices.say({ code: 'ACCEPTED', id, to, duplicate });
    this.backlog.shrunk();
  }

  /** Its message is not sent, because it may write to none of its names. It is told so if the message has an id. */
  refuse(names: readonly Uint8Array[]): void {
    const { sendId: id } = this.decoder;
    if (id !== undefined) this.#parts.notices.say({ code: 'ACCEPTED', id, to: forbiddenFor(names), duplicate: false });
  }

  /** A shard has crashed: what became of messages that it had is not known, and its questions have no answer. */
  lostShard(shard: number): void {
    const { notices } = this.#parts;
    const ids = [...this.pending.lost(shard, this.#host.router), ...this.#questions.lost(shard, this.#host.router)];
    for (const id of ids) notices.say({ code: 'SHARD_RESTARTED', id });
    this.backlog.shrunk();
  }
}

/** Notices that wait for the socket, and those of this turn. */
function both(waited: Uint8Array | undefined, now: Uint8Array | undefined): Uint8Array | undefined {
  return waited === undefined || now === undefined ? (waited ?? now) : Buffer.concat([waited, now]);
}
