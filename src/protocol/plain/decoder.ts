/** The decoder of the plain protocol. The first line is a name; every other line is a message or a command. */
import type { DestinationSet, MessageText } from '../../router/destination-set.ts';
import { HAS_NON_ASCII } from '../../shared/memory/look.ts';
import type { Memory } from '../../shared/memory/memory.ts';
import type { PieceBuffers } from '../../shared/memory/piece-buffers.ts';
import type { Line } from '../../shared/wire/message.ts';
import { lineTooLong, nameTooLong, notUtf8, type SessionError } from '../errors.ts';
import { isHello } from '../json/requests.ts';
import type { Notice } from '../notice-line.ts';
import type { Command, Decoder, Found, Step } from '../protocol.ts';
import { maxFirstLineBytes, nameOfFirstLine, refusedBeginning, refusedFirstLine } from '../strict/first-line.ts';
import type { StrictLine } from '../strict/strict-line.ts';
import { normalized } from '../strict/strict-name.ts';
import { readCommand, SLASH } from './commands.ts';
import type { LineDestinations } from './line-destinations.ts';
import { LineReader } from './line-reader.ts';

/**
 * The work of a command, and of a line that has to be rewritten, in short lines: an answer or a copy is made for each.
 */
const COMMAND_LINES = 16;
const REWRITTEN_LINES = 16;
/**
 * Every 2^6 bytes of a line that is not ASCII count as one more line of work, because they may have to be normalized.
 */
const NON_ASCII_LINE_BITS = 6;
/** No name begins with a brace, where STRICT is on: it is the first line of a program. */
const BRACE = 0x7b;
const LF = Buffer.from('\n');
const NO_NAME = new Uint8Array(0);
const NO_COMMAND: Command = { kind: 'help' };
const NO_ERROR = notUtf8();
const HINT: Notice = { code: 'HINT' };

/** What the decoders of all sessions share. */
export interface PlainSettings {
  readonly maxNameBytes: number;
  readonly maxLineBytes: number;
  readonly maxNames: number;
  /** Whether lines that begin with a slash are commands. */
  readonly takesCommands: boolean;
  /** Rewrites lines; undefined with STRICT=off. */
  readonly strict: StrictLine | undefined;
  readonly addresses: LineDestinations;
}

/**
 * The decoder of one session. It extends the line reader rather than have one: a second object for each session would
 * cost a cache miss a line.
 */
export class PlainDecoder extends LineReader implements Decoder {
  name: Uint8Array = NO_NAME;
  /** Plain peers acknowledge nothing. */
  readonly ackNumber = 0;
  command = NO_COMMAND;
  notice: Notice | undefined;
  error = NO_ERROR;
  work = 0;
  readonly #settings: PlainSettings;
  #begun = false;
  #isProgram = false;
  /** The first line, if that is the hello of a program and names may begin with a brace. */
  #hello: Buffer | undefined;
  #named = false;
  #finished = false;
  #broken = false;
  #hinted = false;

  /**
   * @param memory the memory in which most pieces of the stream lie
   * @param places for pieces that are kept
   */
  constructor(settings: PlainSettings, memory: Memory, places: PieceBuffers) {
    const { maxNameBytes, strict } = settings;
    super(strict === undefined ? maxNameBytes : maxFirstLineBytes(maxNameBytes), memory, places);
    this.#settings = settings;
  }

  /** The plain protocol has no proof: any peer may use any name. */
  get proof(): undefined {
    return undefined;
  }

  get to(): DestinationSet {
    return this.#settings.addresses.to;
  }

  get text(): MessageText {
    return this.#settings.addresses.text;
  }

  override feed(bytes: Buffer, length = bytes.length): void {
    if (!this.#begun) this.#begin(bytes[0] as number);
    super.feed(bytes, length);
  }

  #begin(firstByte: number): void {
    this.#begun = true;
    if (this.#settings.strict === undefined) return;
    this.#isProgram = firstByte === BRACE;
    const refused = refusedBeginning(firstByte);
    if (refused !== undefined) this.#wrong(refused);
  }

  finish(): void {
    this.#finished = true;
  }

  next(): Step {
    if (this.#broken) return 'wrong';
    if (this.#isProgram) return 'program';
    let result = this.nextLine();
    // At the end of the stream, the rest without an LF is a line too.
    if (result === 'more' && this.#finished) result = this.lastLine();
    switch (result) {
      case 'more':
        return 'more';
      case 'line':
        return this.#named ? this.again() : this.#login();
      case 'too long':
        return this.#noLine(this.#tooLong());
      case 'not utf-8':
        return this.#noLine(notUtf8());
      default:
        return result satisfies never;
    }
  }

  again(): Found {
    this.work = 0;
    if (this.#settings.takesCommands && this.bytes[this.start] === SLASH && this.#isCommand()) return 'command';
    return this.found === 0 ? this.#address(this) : this.#readable();
  }

  /** A line that is not plain ASCII, or has control characters in it. */
  #readable(): Found {
    const { strict } = this.#settings;
    if ((this.found & HAS_NON_ASCII) !== 0) this.work = 1 + ((this.end - this.start) >> NON_ASCII_LINE_BITS);
    if (strict === undefined) return this.#address(this);
    const line = strict.of(this, this.found);
    if (line === undefined) {
      const { message } = lineTooLong(this.#settings.maxLineBytes);
      return this.#nothing({ code: 'LINE_REFUSED', reason: `${message} as it would be shown` });
    }
    if (line !== this) this.work += REWRITTEN_LINES;
    return this.#address(line);
  }

  #isCommand(): boolean {
    const { maxNameBytes, strict } = this.#settings;
    const command = readCommand(this.bytes, this.start, this.end, strict !== undefined);
    if (command === undefined) return false;
    this.command = command;
    if (strict !== undefined && command.kind === 'who is') {
      this.command = { kind: 'who is', name: normalized(command.name, maxNameBytes) ?? command.name };
    }
    this.work = COMMAND_LINES;
    return true;
  }

  #address(line: Line): Found {
    const { addresses, maxNames } = this.#settings;
    const address = addresses.read(line);
    if (addresses.namesSplit > 0) this.work += addresses.namesSplit;
    switch (address) {
      case 'message':
        return 'send';
      case 'too many names':
        return this.#nothing({ code: 'TOO_MANY_NAMES', max: maxNames });
      case 'no colon':
        return this.#nothing(this.#hint());
      default:
        return address satisfies never;
    }
  }

  /** The hint on how to write a line, for the first line of a session that names nobody; undefined after that. */
  #hint(): Notice | undefined {
    if (this.#hinted || this.end === this.start) return undefined;
    this.#hinted = true;
    return HINT;
  }

  #nothing(notice: Notice | undefined): Found {
    this.notice = notice;
    return 'nothing';
  }

  #login(): Step {
    const { maxNameBytes, maxLineBytes, strict } = this.#settings;
    const line = Buffer.from(this.bytes.subarray(this.start, this.end));
    if (strict === undefined && isHello(line)) {
      this.#hello = line;
      return 'program';
    }
    const name = strict === undefined ? line : nameOfFirstLine(line, maxNameBytes);
    if (!(name instanceof Uint8Array)) return this.#wrong(name);
    this.name = name;
    this.#named = true;
    this.work = 0;
    this.limit(maxLineBytes);
    return 'login';
  }

  /** The hello of a program has been read already, and its decoder must find it again. */
  override takeRest(): Buffer {
    const rest = super.takeRest();
    return this.#hello === undefined ? rest : Buffer.concat([this.#hello, LF, rest]);
  }

  /** Another protocol is reported as such, even where its first line is no valid line. */
  #noLine(why: SessionError): Step {
    if (this.#named || this.#settings.strict === undefined) return this.#wrong(why);
    return this.#wrong(refusedFirstLine(this.bytes.subarray(this.start, this.end), why));
  }

  #tooLong(): SessionError {
    const { maxLineBytes, maxNameBytes } = this.#settings;
    return this.#named ? lineTooLong(maxLineBytes) : nameTooLong(maxNameBytes);
  }

  #wrong(error: SessionError): Step {
    this.error = error;
    this.#broken = true;
    return 'wrong';
  }
}
