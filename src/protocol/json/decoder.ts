/** The decoder of the program protocol: one JSON object a line. The first is a hello. */
import type { DestinationSet, MessageText } from '../../router/destination-set.ts';
import { HAS_NON_ASCII } from '../../shared/memory/look.ts';
import type { Memory } from '../../shared/memory/memory.ts';
import type { PieceBuffers } from '../../shared/memory/piece-buffers.ts';
import { DURABLE, EXPIRES, FROM_PROGRAM, WANTS_RECEIPT } from '../../shared/wire/frames/frames.ts';
import { helloRefused, lineTooLong, nameRefused, nameTooLong, notUtf8 } from '../errors.ts';
import type { Notice } from '../notice-line.ts';
import { isAddressable } from '../plain/addressed-line.ts';
import type { LineDestinations } from '../plain/line-destinations.ts';
import { LineReader } from '../plain/line-reader.ts';
import { messageHead } from '../program-message.ts';
import type { Command, Found, ProgramDecoder, Question, Step } from '../protocol.ts';
import { nameProblem } from '../strict/strict-name.ts';
import type { ProgramLine } from './program-line.ts';
import { rawValue } from './raw-values.ts';
import { BadRequest, type Hello, NOT_HELLO, problemOfHello, readRequest, type Send } from './requests.ts';
import { simpleAck } from './simple-ack.ts';
import type { SimpleSend } from './simple-send.ts';

/** The work of a request that is answered, in short lines: an answer is made for each. */
const ANSWERED_LINES = 16;
/** Every 2^6 bytes of a request count as one more line of work, because it has to be parsed. */
const PARSED_LINE_BITS = 6;
const NO_ERROR = notUtf8();
const NO_NAME = new Uint8Array(0);
const NO_COMMAND: Command = { kind: 'help' };
const NO_QUESTION: Question = { kind: 'ping' };
/** The work of a name that is asked about, in short lines: a record or an answer is made for each. */
const ASKED_NAME_LINES = 4;

/** The two clocks of messages. */
export interface Clocks {
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** The clock by which mail ages (src/store/clock.ts), in seconds since 1970. */
  readonly mailSeconds: () => number;
}

/** What the decoders of all programs share. */
export interface JsonSettings {
  readonly maxNameBytes: number;
  readonly maxLineBytes: number;
  readonly maxNames: number;
  readonly strict: boolean;
  readonly addresses: LineDestinations;
  readonly line: ProgramLine;
  readonly simple: SimpleSend;
  /** How long mail is held, in seconds; 0 if it waits only for connected peers. */
  readonly holdSeconds: number;
  readonly clocks: Clocks;
  /** @returns a name for a program that gives itself none */
  readonly nameless: () => string;
}

/** The decoder of one program. */
export class JsonDecoder extends LineReader implements ProgramDecoder {
  name: Uint8Array = NO_NAME;
  proof: Uint8Array | undefined;
  acknowledges = true;
  windowMessages = 0;
  sendId: string | undefined;
  ackNumber = 0;
  rejects = false;
  readonly command = NO_COMMAND;
  question = NO_QUESTION;
  notice: Notice | undefined;
  error = NO_ERROR;
  work = 0;
  readonly #settings: JsonSettings;
  #named = false;
  #finished = false;
  #broken = false;

  constructor(settings: JsonSettings, memory: Memory, places: PieceBuffers) {
    super(settings.maxLineBytes, memory, places);
    this.#settings = settings;
  }

  get to(): DestinationSet {
    return this.#settings.addresses.to;
  }

  get text(): MessageText {
    return this.#settings.addresses.text;
  }

  finish(): void {
    this.#finished = true;
  }

  numberMessage(number: number): void {
    this.#settings.addresses.text.messageId = number;
  }

  next(): Step {
    if (this.#broken) return 'wrong';
    let result = this.nextLine();
    if (result === 'more' && this.#finished) result = this.lastLine();
    switch (result) {
      case 'more':
        return 'more';
      case 'line':
        return this.again();
      case 'too long':
        return this.#wrong(lineTooLong(this.#settings.maxLineBytes));
      case 'not utf-8':
        return this.#wrong(notUtf8());
      default:
        return result satisfies never;
    }
  }

  again(): Found {
    this.work = (this.end - this.start) >> PARSED_LINE_BITS;
    if (this.start === this.end) return this.#say(undefined);
    try {
      return this.#read();
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      if (!this.#named) return this.#wrong(helloRefused(problemOfHello(error)));
      this.work += ANSWERED_LINES;
      return this.#say({ code: 'BAD_REQUEST', problem: error.message, id: error.id });
    }
  }

  /** @throws BadRequest if the line is no request, or none that may come now */
  #read(): Found {
    const { simple } = this.#settings;
    if (this.#named) {
      if (simple.read(this.bytes, this.start, this.end)) return this.#sendSimple(simple);
      const acknowledged = simpleAck(this.bytes, this.start, this.end);
      if (acknowledged !== undefined) return this.#ack(acknowledged, false);
    }
    const request = readRequest(this.#lineText(), this.#settings.maxNames);
    if (!this.#named) {
      if (request.type === 'hello') return this.#hello(request);
      throw new BadRequest(NOT_HELLO);
    }
    switch (request.type) {
      case 'send':
        return this.#send(request);
      case 'ack':
      case 'reject':
        return this.#ack(request.seq, request.type === 'reject');
      case 'ping':
        return this.#ask({ kind: 'ping' });
      case 'who':
      case 'watch':
      case 'unwatch': {
        const { type: kind, id } = request;
        const names = request.names.map((name) => this.#nameOf(name, id));
        this.work += names.length * ASKED_NAME_LINES;
        return this.#ask(kind === 'who' ? { kind, id: request.id, names } : { kind, id, names });
      }
      case 'pong':
        return this.#say(undefined);
      case 'hello':
        throw new BadRequest('type: there was a "hello" already');
      default:
        return request satisfies never;
    }
  }

  #ack(number: number, rejects: boolean): Found {
    this.ackNumber = number;
    this.rejects = rejects;
    if (rejects) this.work += ANSWERED_LINES;
    return 'ack';
  }

  #lineText(): string {
    const { bytes, start, end } = this;
    if ((this.found & HAS_NON_ASCII) === 0) return bytes.toString('latin1', start, end);
    return bytes.toString('utf8', start, end);
  }

  #hello({ name: given, proof, ack, window }: Hello): Found {
    const { maxNameBytes, strict, nameless } = this.#settings;
    const name = Buffer.from(given ?? nameless());
    if (name.length > maxNameBytes) return this.#wrong(nameTooLong(maxNameBytes));
    const problem = strict ? nameProblem(name) : undefined;
    if (problem !== undefined) return this.#wrong(nameRefused(problem));
    this.name = name;
    this.proof = proof === undefined ? undefined : Buffer.from(proof);
    if (proof !== undefined) this.bytes.fill(0, this.start, this.end);
    this.acknowledges = ack;
    this.windowMessages = window;
    this.#named = true;
    this.work = 0;
    return 'login';
  }

  #send({ to, id, re, durable, receipt, ttl }: Send): Found {
    const { addresses, line, clocks } = this.#settings;
    const names =
      to.length === 1 ? this.#checked(to[0] as string, id) : to.map((name) => this.#checked(name, id)).join(',');
    const body = rawValue(this.bytes, this.start, this.end, 'body');
    if (body === undefined) throw new BadRequest('body: none', id);
    const expires = ttl === undefined ? undefined : this.#expiry(ttl);
    line.write(names, messageHead({ id, re, expires }, clocks.now()), this.bytes, body);
    if (addresses.read(line) !== 'message') throw new BadRequest('to: must have names', id);
    addresses.text.kind =
      FROM_PROGRAM | (durable ? DURABLE : 0) | (receipt ? WANTS_RECEIPT : 0) | (expires === undefined ? 0 : EXPIRES);
    this.work += addresses.namesSplit;
    this.sendId = id;
    return 'send';
  }

  /** @returns when a message expires, in seconds since 1970: no earlier than after `ttl` seconds */
  #expiry(ttl: number): number {
    const { holdSeconds, clocks } = this.#settings;
    return Math.ceil(clocks.mailSeconds()) + (holdSeconds > 0 ? Math.min(ttl, holdSeconds) : ttl);
  }

  #sendSimple(simple: SimpleSend): Found {
    const { addresses, line, clocks } = this.#settings;
    const { bytes } = this;
    const { id, durable, receipt } = simple;
    line.writeSimple(simple, this, clocks.now());
    addresses.read(line);
    addresses.text.kind =
      FROM_PROGRAM |
      (simple.isTrue(bytes, durable) ? DURABLE : 0) |
      (simple.isTrue(bytes, receipt) ? WANTS_RECEIPT : 0);
    this.work += addresses.namesSplit;
    this.sendId = id.end === 0 ? undefined : bytes.toString('latin1', id.start + 1, id.end - 1);
    return 'send';
  }

  #ask(question: Question): Found {
    this.question = question;
    this.work += ANSWERED_LINES;
    return 'question';
  }

  /** @throws BadRequest if nobody can have such a name */
  #nameOf(text: string, id: string | undefined): Uint8Array {
    const { strict, maxNameBytes } = this.#settings;
    const name = Buffer.from(strict ? text.normalize('NFC') : text);
    if (name.length > 0 && name.length <= maxNameBytes) return name;
    throw new BadRequest(`names: each must have 1 to ${maxNameBytes} bytes`, id);
  }

  /** @throws BadRequest if nobody can have such a name, because it would be more than one in a line */
  #checked(name: string, id: string | undefined): string {
    const normal = this.#settings.strict ? name.normalize('NFC') : name;
    if (normal.length > 0 && isAddressable(Buffer.from(normal)) && !normal.includes('\n')) return normal;
    throw new BadRequest(`to: nobody can have the name ${JSON.stringify(name)}`, id);
  }

  #say(notice: Notice | undefined): Found {
    this.notice = notice;
    return 'nothing';
  }

  #wrong(error: typeof NO_ERROR): Found {
    this.error = error;
    this.#broken = true;
    return 'wrong';
  }
}
