/** What the lines of one session ask for: a message to be sent, a command to be answered, a hint where neither is. */
import { lineTooLong } from '../../protocol/errors.ts';
import type { Address, Addresses } from '../../protocol/plain/addresses.ts';
import { readCommand, SLASH } from '../../protocol/plain/commands.ts';
import type { LineReader } from '../../protocol/plain/line-reader.ts';
import type { StrictLine } from '../../protocol/strict/strict-line.ts';
import { Outbox } from '../../router/outbox.ts';
import type { Routed, Router } from '../../router/router.ts';
import type { Config } from '../../shared/common/config.ts';
import { HAS_NON_ASCII } from '../../shared/memory/look.ts';
import { type Prefix, prefixOf } from '../../shared/wire/message.ts';
import type { AttachmentNumber } from '../../shared/wire/to-shard.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import type { Presence } from '../presence.ts';
import { answer } from './answers.ts';
import type { TurnShare } from './turn-share.ts';

/** So many lines a command counts as, beside its own, and one that has to be written anew: an answer is made for it. */
const COMMAND_LINES = 16;
const REWRITTEN_LINES = 16;
/**
 * So many bytes of a line that is not ASCII count as another line: two to this power. They may have to be normalized.
 */
const NON_ASCII_LINE_BITS = 6;
const FROM = Buffer.from('from ');
const COLON_SPACE = Buffer.from(': ');
const NO_PREFIX = prefixOf(Buffer.alloc(0));

/** What requests are worked off with. */
export interface RequestsHost {
  readonly config: Config;
  readonly addresses: Addresses;
  readonly router: Router;
  readonly presence: Presence;
  readonly strict: StrictLine | undefined;
}

export class Requests {
  readonly #sender: AttachmentNumber;
  readonly #notices: NoticeBuffer;
  readonly #host: RequestsHost;
  /** Whether lines that begin with a slash are for the broker. */
  readonly #takesCommands: boolean;
  #prefix: Prefix = NO_PREFIX;
  /** How many names of the line at hand are routed. */
  #namesDone = 0;
  #hinted = false;
  /** What shards were asked and have not answered, and what is done then. */
  #answersDue = 0;
  #whenAnswered: (() => void) | undefined;

  constructor(sender: AttachmentNumber, notices: NoticeBuffer, host: RequestsHost) {
    this.#sender = sender;
    this.#notices = notices;
    this.#host = host;
    this.#takesCommands = host.config.NOTICES === 'on';
  }

  /** From now on messages go out under this name. */
  sendAs(name: Uint8Array): void {
    this.#prefix = prefixOf(Buffer.concat([FROM, name, COLON_SPACE]));
  }

  /** What the line that must wait asks the shard for. */
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
   * Does what a line asks for, or as much of it as it may; the same line again goes on from there.
   * @returns 'in part' if the rest has to wait for another turn, or the congested outbox that it has to wait for
   * @throws SessionError if it ends the session
   */
  line(line: LineReader, share: TurnShare): Outbox | 'in part' | 'done' {
    const result = this.#route(line, share);
    const inHand = typeof result === 'object' || result === 'in part';
    this.#namesDone = inHand ? this.#host.router.namesDone : 0;
    if (inHand) return result;
    const { MAX_DESTINATIONS } = this.#host.config;
    if (result === 'too many names') this.#notices.say({ kind: 'too many names', max: MAX_DESTINATIONS });
    else if (result === 'no colon' && line.end > line.start) this.#hint();
    return 'done';
  }

  #route(line: LineReader, share: TurnShare): Outbox | Routed | Exclude<Address, 'message'> {
    const { addresses, router, strict } = this.#host;
    if (this.#takesCommands && line.bytes[line.start] === SLASH) {
      const command = readCommand(line.bytes, line.start, line.end, strict !== undefined);
      if (command !== undefined) {
        share.spend(COMMAND_LINES, 0);
        const result = answer(command, this.#sender, this.#notices, this.#host);
        if (result === 'asked') this.#answersDue++;
        return result instanceof Outbox ? result : 'routed';
      }
    }
    if ((line.found & HAS_NON_ASCII) !== 0) share.spend((line.end - line.start) >> NON_ASCII_LINE_BITS, 0);
    const strictLine = line.found === 0 || strict === undefined ? line : strict.of(line, line.found);
    if (strictLine === undefined) {
      const { message } = lineTooLong(this.#host.config.MAX_LINE_BYTES);
      this.#notices.say({ kind: 'refused line', reason: `${message} as it would be shown` });
      return 'routed';
    }
    const address = addresses.read(strictLine);
    const work = strictLine === line ? addresses.namesSplit : addresses.namesSplit + REWRITTEN_LINES;
    if (address !== 'message') {
      share.spend(work, 0);
      return address;
    }
    const { to, text } = addresses;
    const result = router.send(this.#sender, this.#prefix, to, text, this.#namesDone, share.costBytes);
    share.spend(work, router.costBytes);
    return result;
  }

  /** A line names nobody: says how to write one, once. */
  #hint(): void {
    if (this.#hinted) return;
    this.#hinted = true;
    this.#notices.say({ kind: 'hint' });
  }
}
