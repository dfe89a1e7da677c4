/** A program without a socket and without shards: what it asks for, what is put for shards, and what it is told. */
import { JsonProtocol } from '../../../../src/protocol/json/json-protocol.ts';
import { HashPlacement } from '../../../../src/router/placement.ts';
import { Router } from '../../../../src/router/router.ts';
import { NoticeBuffer } from '../../../../src/session/notice-buffer.ts';
import { Presence } from '../../../../src/session/presence.ts';
import { Pings } from '../../../../src/session/program/pings.ts';
import { Program } from '../../../../src/session/program/program.ts';
import { Receipts } from '../../../../src/session/program/receipts.ts';
import { Requests } from '../../../../src/session/reader/requests.ts';
import { TurnShare } from '../../../../src/session/reader/turn-share.ts';
import { Turns } from '../../../../src/session/reader/turns.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../../../src/shared/memory/piece-buffers.ts';

/** What the clock shows, in milliseconds since 1970. */
export const NOW = 1_764_156_000_123;

export class ProgramBench {
  readonly router: Router;
  readonly program: Program;
  readonly presence: Presence;
  readonly pings = new Pings();
  readonly receipts = new Receipts();
  readonly told: object[] = [];
  /** The notices that wait for its socket, in bytes; and why its session was ended. */
  readonly waiting: { bytes: number; whenTaken?: () => void } = { bytes: 0 };
  ended: unknown;
  /** Whether its session was heard, or does not read. */
  heard = false;
  readonly #requests: Requests;
  readonly #share: TurnShare;
  readonly #steps: (() => void)[] = [];

  /** The program has said hello. */
  constructor(shards = 1, presence = new Presence(() => NOW)) {
    const config = readConfig({});
    this.presence = presence;
    const placement = new HashPlacement(shards);
    this.router = new Router(placement, { endOfTurn: () => undefined });
    for (const outbox of this.router.outboxes) outbox.connect({ postMessage: () => undefined }, undefined);
    const turns = new Turns((step) => this.#steps.push(step));
    this.#share = new TurnShare(turns);
    const programs = new JsonProtocol(config, placement);
    const writer = {
      notice: (lines: Uint8Array) => {
        for (const line of Buffer.from(lines).toString().trim().split('\n')) this.told.push(JSON.parse(line));
      },
      speak: () => undefined,
      reportEach: () => undefined,
      acknowledged: () => undefined,
      waitingNotices: this.waiting,
    };
    const notices = new NoticeBuffer(true, programs.encoder(), writer, turns);
    const host = { config, router: this.router, presence, pings: this.pings, receipts: this.receipts };
    const memory = new Memory(new ArrayBuffer(8));
    const parts = {
      writer: writer as never,
      notices,
      reader: {
        takeHeard: () => this.heard,
        stop: (error: unknown) => {
          this.ended = error;
        },
      },
    };
    this.program = new Program({ ...host, programs, memory, places: NO_PLACES, turns }, parts);
    this.#requests = new Requests(1, notices, host);
    this.#requests.serve(this.program);
    this.#feed({ type: 'hello', v: 1, name: 'bob' });
    this.program.decoder.next();
    this.#requests.sendAs(this.program.decoder.name);
    this.program.greeted();
    this.program.welcomed(0);
  }

  #feed(request: object): void {
    this.program.decoder.feed(Buffer.from(`${JSON.stringify(request)}\n`));
  }

  /** The program sends a message. @returns what became of the step */
  send(request: object): unknown {
    this.#feed({ type: 'send', ...request });
    this.program.decoder.next();
    return this.#requests.send(this.program.decoder, this.#share);
  }

  /** The program asks something. @returns what became of the step */
  ask(request: object): unknown {
    this.#feed(request);
    this.program.decoder.next();
    return this.#requests.do('question', this.program.decoder, this.#share);
  }

  /** The step at hand comes again. */
  again(): unknown {
    this.program.decoder.again();
    return this.#requests.do('question', this.program.decoder, this.#share);
  }

  /** A shard says that a name is unknown. */
  unknown(question: number, name: string, shard = 0): this {
    this.#requests.whoIs(shard, question, Buffer.from(name), { state: 'unknown', waiting: 0 });
    return this;
  }

  /** A shard has crashed. */
  loseShard(shard = 0): this {
    this.program.lostShard(shard);
    return this.endTurn();
  }

  endTurn(): this {
    while (this.#steps.length > 0) for (const step of this.#steps.splice(0)) step();
    return this;
  }

  /** What it was told that has this type. */
  of(type: string): object[] {
    return this.told.filter((told) => 'type' in told && told.type === type);
  }
}
