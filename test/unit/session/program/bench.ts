/** A program without a socket and without shards: what it asks for, what is put for shards, and what it is told. */
import { JsonProtocol } from '../../../../src/protocol/json/json-protocol.ts';
import { HashPlacement } from '../../../../src/router/placement.ts';
import { Router } from '../../../../src/router/router.ts';
import { NoticeBuffer } from '../../../../src/session/notice-buffer.ts';
import { Presence } from '../../../../src/session/presence.ts';
import { Program } from '../../../../src/session/program/program.ts';
import { Requests } from '../../../../src/session/reader/requests.ts';
import { TurnShare } from '../../../../src/session/reader/turn-share.ts';
import { Turns } from '../../../../src/session/reader/turns.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../../../src/shared/memory/piece-buffers.ts';

export class ProgramBench {
  readonly router: Router;
  readonly program: Program;
  readonly told: object[] = [];
  readonly #requests: Requests;
  readonly #share: TurnShare;
  readonly #steps: (() => void)[] = [];

  /** The program has said hello. */
  constructor(shards = 1) {
    const config = readConfig({});
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
      waitingNotices: { bytes: 0 },
    };
    const notices = new NoticeBuffer(true, programs.encoder(), writer, turns);
    const host = { config, router: this.router, presence: new Presence() };
    const memory = new Memory(new ArrayBuffer(8));
    this.program = new Program({
      host: { ...host, programs, memory, places: NO_PLACES, turns },
      writer: writer as never,
      notices,
    });
    this.#requests = new Requests(1, notices, host);
    this.#requests.serve(this.program);
    this.#feed({ type: 'hello', v: 1, name: 'bob' });
    this.program.decoder.next();
    this.#requests.sendAs(this.program.decoder.name);
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
