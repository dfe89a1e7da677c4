/** A peer that speaks the protocol of programs: what its session does for it beside what it does for every peer. */
import type { Notice } from '../../protocol/notice-line.ts';
import type { ProgramDecoder, ProgramEncoder } from '../../protocol/protocol.ts';
import type { Outcome } from '../../shared/wire/events.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { SessionHost } from '../session-host.ts';
import type { Writer } from '../writer/writer.ts';
import { Backlog } from './backlog.ts';
import { PendingSends } from './pending-sends.ts';

/** An acknowledgement of a message that is further back than this cannot be of one that is not acknowledged yet. */
const MAX_NUMBERS_APART = 2 ** 31;

/** The parts of a session that are used here. */
export interface ProgramParts {
  readonly host: Pick<SessionHost, 'programs' | 'memory' | 'places' | 'turns' | 'router'>;
  readonly writer: Pick<Writer, 'speak' | 'reportEach' | 'acknowledged' | 'waitingNotices'>;
  readonly notices: Pick<NoticeBuffer, 'speak' | 'say'>;
}

/** The program that is the peer of one session. */
export class Program {
  readonly decoder: ProgramDecoder;
  readonly encoder: ProgramEncoder;
  readonly pending = new PendingSends();
  readonly backlog: Backlog;
  readonly #parts: ProgramParts;

  /** From now on the writer and the notices of the session speak its protocol. */
  constructor(parts: ProgramParts) {
    const { programs, memory, places, turns } = parts.host;
    this.#parts = parts;
    this.decoder = programs.decoder(memory, places);
    this.encoder = programs.encoder();
    this.backlog = new Backlog(this.pending, parts.writer.waitingNotices, turns);
    parts.notices.speak(this.encoder);
    parts.writer.speak(this.encoder, false);
  }

  /** It has said hello. @returns how many messages it may have unacknowledged; undefined if it acknowledges none */
  greeted(): number | undefined {
    const { acknowledges, windowMessages } = this.decoder;
    this.encoder.grant(windowMessages);
    if (!acknowledges) return undefined;
    this.#parts.writer.speak(this.encoder, true);
    // The window has room for the next message only once the shard knows of the last.
    this.#parts.writer.reportEach();
    return windowMessages;
  }

  /** It acknowledges all messages up to this number. A number that was never sent is ignored. */
  acknowledge(number: number): void {
    const last = this.encoder.lastNumber;
    if (number <= last && number > last - MAX_NUMBERS_APART) this.#parts.writer.acknowledged(number | 0);
  }

  /** Whether it is told this. A program that does not ask for an outcome is told only of a refusal. */
  isTold(notice: Notice): boolean {
    return notice.code !== 'MAIL_HELD';
  }

  /** Takes what became of a message, for one of its names, from a shard. */
  outcome(shard: number, outcome: Outcome): void {
    const accepted = this.pending.note(shard, outcome);
    if (accepted === undefined) return;
    this.#parts.notices.say({ code: 'ACCEPTED', ...accepted });
    this.backlog.shrunk();
  }

  /** A shard has crashed: what became of messages that it had is not known. */
  lostShard(shard: number): void {
    const { host, notices } = this.#parts;
    for (const id of this.pending.lost(shard, host.router)) notices.say({ code: 'SHARD_RESTARTED', id });
    this.backlog.shrunk();
  }
}
