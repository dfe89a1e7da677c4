/** The reader of a session without a socket: what it routes, when it stops reading, and how it ends. */
import { describe, expect, it } from 'vitest';
import { PlainProtocol } from '../../../../src/protocol/plain/plain-protocol.ts';
import { HIGH_WATER_BYTES } from '../../../../src/router/outbox.ts';
import { HashPlacement } from '../../../../src/router/placement.ts';
import { Router } from '../../../../src/router/router.ts';
import { NoticeBuffer } from '../../../../src/session/notice-buffer.ts';
import { Presence } from '../../../../src/session/presence.ts';
import { NameGate } from '../../../../src/session/reader/name-gate.ts';
import { Reader } from '../../../../src/session/reader/reader.ts';
import { Requests } from '../../../../src/session/reader/requests.ts';
import { Turns } from '../../../../src/session/reader/turns.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../../../src/shared/memory/piece-buffers.ts';
import type { ByteSink } from '../../../../src/transport/transport.ts';
import { valuesToShard } from '../../../helpers/unit/records.ts';
import { PaperTime, ratesOf, visitOf } from '../../shared/visitors/paper-rates.ts';

const LONG = 'x'.repeat(5_000);

class Bench {
  readonly happened: string[] = [];
  readonly reader: Reader;
  readonly gate: NameGate | undefined;
  mustWait = false;
  endsWhenClosed = false;
  #sink: ByteSink | undefined;
  readonly #router: Router;
  readonly #steps: (() => void)[] = [];
  #buffer = Buffer.alloc(64 * 1024);

  constructor(gated = false, env: Record<string, string> = {}) {
    const config = readConfig(env);
    const placement = new HashPlacement(1);
    const protocol = new PlainProtocol(config, placement);
    const endOfTurn = (step: () => void) => void this.#steps.push(step);
    const turns = new Turns(endOfTurn);
    this.#router = new Router(placement, { endOfTurn });
    const writer = { notice: (lines: Uint8Array) => this.#say(Buffer.from(lines).toString()) };
    const notices = new NoticeBuffer(true, protocol.encoder, writer, turns);
    const requests = new Requests(1, notices, { config, router: this.#router, presence: new Presence() });
    this.gate = gated ? new NameGate(() => this.#say('pause'), protocol.isQuit.bind(protocol)) : undefined;
    const transport = {
      start: (sink: ByteSink) => {
        this.#sink = sink;
      },
      pause: () => this.#say('pause'),
      resume: () => this.#say('resume'),
    };
    const decoder = protocol.decoder(new Memory(new ArrayBuffer(8)), NO_PLACES);
    this.reader = new Reader(transport, decoder, requests, turns, {
      login: () => {
        requests.sendAs(decoder.name);
        this.#say(`login ${Buffer.from(decoder.name)}`);
        return this.gate;
      },
      speakProgram: () => decoder,
      mustWait: () => this.mustWait,
      noteClosed: () => this.endsWhenClosed,
      leave: (reset, end) => {
        this.#say(reset ? 'reset' : 'leave');
        end();
      },
    });
    this.reader.run().then(
      () => this.#say('ended'),
      (error) => this.#say(`ended: ${error.message}`),
    );
  }

  #say(text: string): void {
    this.happened.push(text.trimEnd());
  }

  /** Reads into the one buffer that is written over by the next read. */
  read(text: string): this {
    this.#buffer.fill('\n');
    const length = this.#buffer.write(text);
    this.#sink?.read(this.#buffer, length);
    this.#buffer.fill('\n');
    return this;
  }

  end(reset = false): this {
    this.#sink?.end(reset);
    return this;
  }

  fail(message: string): this {
    this.#sink?.fail(new Error(message));
    return this;
  }

  endTurn(): this {
    for (const step of this.#steps.splice(0)) step();
    return this;
  }

  /** The shard does not follow; then it does. */
  congest(): this {
    this.#router.outbox(0).batch.begin(6, HIGH_WATER_BYTES + 4);
    return this;
  }

  catchUp(): this {
    this.#router.outbox(0).batch.takeOwn();
    this.#router.outbox(0).acknowledge(0);
    return this;
  }

  /** What was routed since the last call. */
  get routed(): string[] {
    const post = this.#router.outbox(0).batch.takeOwn();
    if (post === undefined) return [];
    return valuesToShard(post).values.map((value) =>
      value.kind === 'message' ? `${value.prefix}${value.body.slice(0, 5)} to ${value.to.join()}` : value.kind,
    );
  }

  /** What happened since the last call, when promises have had their say. */
  async takeHappened(): Promise<string[]> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.happened.splice(0);
  }
}

describe('a reader', () => {
  it('routes what it reads, in whatever pieces it comes', async () => {
    const bench = new Bench().read('bo').read('b\nalice: hel').read('lo\neve, joe: hi\n');
    expect(bench.routed).toEqual(['from bob: hello to alice', 'from bob: hi to eve,joe']);
    expect(await bench.takeHappened()).toEqual(['login bob']);
  });

  it('stops reading while a shard cannot follow, and goes on where it stood', async () => {
    const bench = new Bench().read('bob\n').congest().read(`alice: ${LONG}\neve: hi\n`);
    expect(await bench.takeHappened()).toEqual(['login bob', 'pause']);
    bench.catchUp();
    expect(bench.routed).toEqual(['from bob: xxxxx to alice', 'from bob: hi to eve']);
    expect(await bench.takeHappened()).toEqual(['resume']);
  });

  it('reads no more than its share in a turn, and the rest in the next', async () => {
    const bench = new Bench().read('bob\n').read('\n'.repeat(3_000));
    expect(await bench.takeHappened()).toEqual(['login bob', 'pause']);
    bench.endTurn();
    expect(await bench.takeHappened()).toEqual(['resume']);
  });

  it('that is quiet routes what it has read, and reads no more', async () => {
    const bench = new Bench().read('bob\n').congest().read(`alice: ${LONG}\n`);
    bench.reader.quiesce();
    bench.catchUp();
    expect(bench.routed).toEqual(['from bob: xxxxx to alice']);
    expect(await bench.takeHappened()).toEqual(['login bob', 'pause', 'pause']);
  });
});

describe('a reader that keeps to a rate', () => {
  const TOLD = '* you send more than you may: it is read more slowly, and nothing of it is lost';

  /** Of 10 messages and 1024 bytes a second, which may come at once. */
  function paced(read: string) {
    const time = new PaperTime();
    const env = { ADDRESS_MESSAGES_A_SECOND: '10', ADDRESS_BYTES_A_SECOND: '1024', RATE_BURST_SECONDS: '1' };
    const bench = new Bench();
    visitOf(ratesOf(env, time), '192.0.2.1').pace(bench.reader, { slowedForLong: () => undefined });
    return { time, bench: bench.read('bob\n').read(read) };
  }

  const LINES = Array.from({ length: 12 }, (_, i) => `alice: ${i}\n`).join('');
  const routed = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `from bob: ${from + i} to alice`);

  it('waits with what it has read when that has too many messages, and says so once', async () => {
    const { time, bench } = paced(LINES);
    expect(bench.routed).toEqual(routed(0, 11));
    expect(await bench.takeHappened()).toEqual(['login bob', 'pause']);
    time.pass(99);
    expect(bench.routed).toEqual([]);
    time.pass(1);
    expect(bench.routed).toEqual(routed(11, 12));
    bench.endTurn();
    expect(await bench.takeHappened()).toEqual(['pause', TOLD]);
  });

  it('reads no more when it has read too many bytes, whatever they are', async () => {
    const { time, bench } = paced('\n'.repeat(2_044));
    expect(await bench.takeHappened()).toEqual(['login bob', 'pause']);
    time.pass(999);
    expect(await bench.takeHappened()).toEqual([]);
    time.pass(1);
    expect(await bench.takeHappened()).toEqual(['resume']);
  });

  it.each([
    ['its stream ends', (bench: Bench) => bench.end(), ['leave', 'ended']],
    ['its connection fails', (bench: Bench) => bench.fail('broken'), ['ended: broken']],
    ['it is to be quiet', (bench: Bench) => bench.reader.quiesce(), ['pause']],
  ])('sends on all that it has read when %s', async (_what, end, then) => {
    const { bench } = paced(LINES);
    await bench.takeHappened();
    end(bench);
    expect(bench.routed).toEqual(routed(0, 12));
    expect((await bench.takeHappened()).filter((what) => what !== 'resume')).toEqual(then);
  });
});

describe('the end of a stream', () => {
  it('makes a line of what stands before it, and of nothing where it was a reset', async () => {
    const bench = new Bench().read('bob\nalice: hi').end();
    expect(bench.routed).toEqual(['from bob: hi to alice']);
    expect(await bench.takeHappened()).toEqual(['login bob', 'leave', 'ended']);
    const broken = new Bench().read('bob\nalice: hi').end(true);
    expect(broken.routed).toEqual([]);
    expect(await broken.takeHappened()).toEqual(['login bob', 'reset', 'ended']);
  });

  it.each([
    ['its end', (bench: Bench) => bench.end(), ['leave', 'ended']],
    ['a failure', (bench: Bench) => bench.fail('broken'), ['ended: broken']],
  ])('by %s waits for lines that wait for a shard', async (_how, end, then) => {
    const bench = new Bench().read('bob\n').congest().read(`alice: ${LONG}\n`);
    end(bench);
    expect(await bench.takeHappened()).toEqual(['login bob', 'pause']);
    bench.catchUp();
    expect(bench.routed).toEqual(['from bob: xxxxx to alice']);
    expect(await bench.takeHappened()).toEqual([...then.slice(0, -1), 'resume', then.at(-1)]);
  });

  it('comes once, and nothing is read behind it', async () => {
    const bench = new Bench().read('bob\n').read('\xff\xfe\n\x00').fail('late').end();
    bench.reader.stop();
    expect(bench.read('alice: hi\n').routed).toEqual(['from bob: hi to alice'].slice(1));
    expect((await bench.takeHappened()).filter((what) => what.startsWith('ended'))).toHaveLength(1);
  });
});

describe('a gate', () => {
  it('keeps what is read until it opens', async () => {
    const bench = new Bench(true).read('bob\nalice: 1\n').read('alice: 2\n');
    expect(bench.routed).toEqual([]);
    bench.reader.open(bench.gate?.all() ?? Buffer.alloc(0));
    expect(bench.read('alice: 3\n').routed).toEqual([1, 2, 3].map((i) => `from bob: ${i} to alice`));
    expect(await bench.takeHappened()).toEqual(['login bob', 'resume']);
  });

  it('that stays shut ends a reader whose stream has ended, and one that must wait at once', async () => {
    const bench = new Bench(true).read('bob\nalice: 1\n').end();
    expect(await bench.takeHappened()).toEqual(['login bob']);
    expect(bench.reader.giveUp()).toBe(true);
    expect(await bench.takeHappened()).toEqual(['leave', 'ended']);
    const waiting = new Bench(true).read('bob\n');
    expect(waiting.reader.giveUp()).toBe(false);
    waiting.mustWait = true;
    expect(await waiting.end().takeHappened()).toEqual(['login bob', 'leave', 'ended']);
  });

  it('that stays shut ends a reader whose connection is closed, where the session wants that', async () => {
    const bench = new Bench(true).read('bob\nalice: 1\n');
    bench.reader.closed();
    expect(await bench.takeHappened()).toEqual(['login bob']);
    bench.endsWhenClosed = true;
    bench.reader.closed();
    expect([await bench.takeHappened(), bench.routed]).toEqual([['ended'], []]);
  });
});

describe('a peer is heard', () => {
  it('when anything came from it since it was last asked', () => {
    const bench = new Bench().read('bob\n');
    expect([bench.reader.takeHeard(), bench.reader.takeHeard()]).toEqual([true, false]);
    bench.read('b');
    expect([bench.reader.takeHeard(), bench.reader.takeHeard()]).toEqual([true, false]);
  });

  it('as long as nothing is read from it, because a shard does not follow', () => {
    const bench = new Bench().read('bob\n').congest().read(`eve: ${LONG}\n`);
    expect([bench.reader.takeHeard(), bench.reader.takeHeard()]).toEqual([true, true]);
    bench.catchUp();
    expect(bench.reader.takeHeard()).toBe(false);
  });
});
