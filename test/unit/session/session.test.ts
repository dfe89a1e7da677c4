/** A session without a socket, a shard or a clock: how it gets its name, and how it ends. */
import { describe, expect, it } from 'vitest';
import { takenOver } from '../../../src/protocol/errors.ts';
import { JsonProtocol } from '../../../src/protocol/json/json-protocol.ts';
import { PlainProtocol } from '../../../src/protocol/plain/plain-protocol.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { Router } from '../../../src/router/router.ts';
import { type Authenticator, type Decision, EVERYBODY } from '../../../src/session/auth/authenticator.ts';
import { Presence } from '../../../src/session/presence.ts';
import { Pings } from '../../../src/session/program/pings.ts';
import { Receipts } from '../../../src/session/program/receipts.ts';
import { Turns } from '../../../src/session/reader/turns.ts';
import { Session } from '../../../src/session/session.ts';
import { readConfig } from '../../../src/shared/common/config.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../../src/shared/memory/piece-buffers.ts';
import type { ByteSink, Transport } from '../../../src/transport/transport.ts';
import { valuesToShard } from '../../helpers/unit/records.ts';
import { PaperSocket, twoWriteBuffers } from '../../helpers/unit/writer.ts';

const PEER = { address: '192.0.2.1', port: 7, text: '192.0.2.1:7', secure: false };

class PaperTransport implements Transport {
  readonly kind = 'tcp';
  readonly peer = PEER;
  readonly outlet = new PaperSocket();
  readonly readBytes = 0;
  readonly takenBytes = 0;
  readonly closed: Promise<void>;
  ended = false;
  sink: ByteSink | undefined;
  #close: (() => void) | undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  start(sink: ByteSink): void {
    this.sink = sink;
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.ended = true;
    this.destroy();
  }

  destroy(): void {
    this.outlet.destroy();
    this.sink?.closed();
    this.#close?.();
  }
}

class Bench {
  readonly transport = new PaperTransport();
  readonly session: Session;
  readonly timers = new Map<number, () => void>();
  ended: string | undefined;
  readonly #router: Router;

  constructor(authenticator: Authenticator, env: Record<string, string> = {}) {
    const config = readConfig(env);
    const placement = new HashPlacement(1);
    const endOfTurn = (step: () => void) => void setImmediate(step);
    this.#router = new Router(placement, { endOfTurn });
    this.session = new Session(1, this.transport, {
      authenticator,
      config,
      memory: new Memory(new ArrayBuffer(8)),
      places: NO_PLACES,
      presence: new Presence(),
      pings: new Pings(),
      receipts: new Receipts(),
      protocol: new PlainProtocol(config, placement),
      programs: new JsonProtocol(config, placement),
      reportAfterBytes: 0,
      router: this.#router,
      writeBuffers: twoWriteBuffers(),
      startTimer: (ms, step) => {
        this.timers.set(ms, step);
        return () => this.timers.delete(ms);
      },
      turns: new Turns(endOfTurn),
    });
    void this.session.run().then((failure) => {
      this.ended = failure?.code ?? 'well';
    });
  }

  async read(text: string): Promise<this> {
    const bytes = Buffer.from(text);
    this.transport.sink?.read(bytes, bytes.length);
    return this.settle();
  }

  async settle(): Promise<this> {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    return this;
  }

  /** What was put for the shard since the last call. */
  get put(): string[] {
    const post = this.#router.outbox(0).batch.takeOwn();
    if (post === undefined) return [];
    return valuesToShard(post).values.map((value) => (value.kind === 'message' ? value.body : value.kind));
  }

  get said(): string {
    return this.transport.outlet.writes.join('');
  }
}

/** An authenticator that is asked, and answers when the test says so. */
function slow(): { asked: string[]; answer: (decision: Decision) => void; fail: () => void; it: Authenticator } {
  let resolve: ((decision: Decision) => void) | undefined;
  let reject: ((error: Error) => void) | undefined;
  const asked: string[] = [];
  return {
    asked,
    answer: (decision) => resolve?.(decision),
    fail: () => reject?.(new Error('out of order')),
    it: {
      authenticate: (name, proof, { text }) => {
        asked.push(`${Buffer.from(name)} ${proof} ${text}`);
        return new Promise((yes, no) => {
          resolve = yes;
          reject = no;
        });
      },
    },
  };
}

describe('a session that is taken over', () => {
  it('is told so, returns what it has, and ends', async () => {
    const bench = await new Bench(EVERYBODY).read('bob\n');
    bench.session.attached('receiving', 0, 0);
    bench.session.end(takenOver());
    bench.session.end(takenOver());
    await bench.settle();
    expect(bench.said).toContain('* taken over');
    expect(bench.said.match(/taken over/g)).toHaveLength(1);
    expect(bench.put.filter((kind) => kind === 'return')).toHaveLength(1);
  });

  it('tells its shard that it takes a name over, and waits for it with STRICT=off, too', async () => {
    const proven: Authenticator = { authenticate: () => ({ admitted: true, proven: true }) };
    const bench = await new Bench(proven, { STRICT: 'off' }).read('bob\neve: hi\n');
    expect(bench.session.attachment.proven).toBe(true);
    expect(bench.put).toEqual(['attach']);
    bench.session.attached('waiting', 0, 0);
    await bench.settle();
    expect(bench.put).toEqual([]);
    bench.session.attached('receiving', 0, 0);
    await bench.settle();
    expect(bench.put).toContain('hi');
  });
});

describe('a session', () => {
  it('where everybody is let in attaches at once, and routes when its name is its own', async () => {
    const bench = await new Bench(EVERYBODY).read('bob\neve: hi\n');
    expect([bench.session.standing, bench.put]).toEqual(['asked', ['attach']]);
    bench.session.attached('receiving', 0, 0);
    expect([bench.put, bench.said]).toEqual([['hi'], '* you are bob\n']);
  });

  it('that gives no name in time ends', async () => {
    const bench = new Bench(EVERYBODY, { NAME_TIMEOUT_SECONDS: '3' });
    bench.timers.get(3_000)?.();
    await bench.settle();
    expect([bench.ended, bench.said, bench.put]).toEqual(['NAME_TIMEOUT', '* no name within 3 seconds\n', []]);
    expect(bench.transport.ended).toBe(true);
  });

  it('gives its name back when its connection is closed, and stops its timers', async () => {
    const bench = await new Bench(EVERYBODY).read('bob\n');
    expect(bench.put).toEqual(['attach']);
    bench.session.abandon();
    await bench.settle();
    // What it has read may yet be sent.
    expect([bench.ended, bench.session.left]).toEqual([undefined, true]);
    bench.session.attached('receiving', 0, 0);
    await bench.settle();
    expect([bench.ended, bench.session.left, bench.put, bench.timers.size]).toEqual(['well', true, ['return'], 0]);
  });
});

describe('a session whose name is looked into', () => {
  it.each([
    ['on', ['attach'], ['hi']],
    ['off', ['attach', 'hi'], []],
  ])('waits with its lines, with STRICT=%s', async (STRICT, admitted, attached) => {
    const { asked, answer, it: authenticator } = slow();
    const bench = await new Bench(authenticator, { STRICT }).read('bob\neve: hi\n');
    expect([asked, bench.session.standing, bench.session.hasGatedLines]).toEqual([
      ['bob undefined 192.0.2.1:7'],
      'authenticating',
      true,
    ]);
    expect([bench.put, bench.session.name]).toEqual([[], undefined]);
    answer({ admitted: true });
    await bench.settle();
    expect(bench.put).toEqual(admitted);
    bench.session.attached('receiving', 0, 0);
    expect(bench.put).toEqual(attached);
  });

  it('ends where the name is another’s, and no shard has heard of it', async () => {
    const { answer, it: authenticator } = slow();
    const bench = await new Bench(authenticator).read('bob\neve: hi\n');
    answer({ admitted: false, reason: 'it is protected' });
    await bench.settle();
    expect([bench.ended, bench.put]).toEqual(['NAME_REFUSED', []]);
    expect(bench.said).toBe('* name refused: it is protected\n');
  });

  it('ends where that is known at once', async () => {
    const bench = new Bench({ authenticate: () => ({ admitted: false, reason: 'no' }) });
    await bench.read('bob\neve: hi\n');
    expect([bench.ended, bench.put, bench.said]).toEqual(['NAME_REFUSED', [], '* name refused: no\n']);
  });

  it('ends where that cannot be found out, or not in time', async () => {
    const { fail, it: failing } = slow();
    const bench = await new Bench(failing).read('bob\n');
    fail();
    await bench.settle();
    expect([bench.ended, bench.put]).toEqual(['NAME_REFUSED', []]);
    const { answer, it: late } = slow();
    const other = await new Bench(late, { NAME_TIMEOUT_SECONDS: '3' }).read('bob\n');
    other.timers.get(3_000)?.();
    await other.settle();
    answer({ admitted: true });
    await other.settle();
    expect([other.ended, other.put]).toEqual(['NAME_TIMEOUT', []]);
  });

  it('ends when its connection is closed, and is attached no more', async () => {
    const { answer, it: authenticator } = slow();
    const bench = await new Bench(authenticator).read('bob\neve: hi\n');
    bench.transport.destroy();
    await bench.settle();
    answer({ admitted: true });
    await bench.settle();
    expect([bench.ended, bench.put, bench.session.left]).toEqual(['well', [], true]);
  });

  it('stays until it is decided, though its peer has ended its side', async () => {
    const { answer, it: authenticator } = slow();
    const bench = await new Bench(authenticator, { STRICT: 'off', HOLD_SECONDS: '0' }).read('bob\neve: hi');
    bench.transport.sink?.end(false);
    await bench.settle();
    expect(bench.ended).toBeUndefined();
    answer({ admitted: true });
    await bench.settle();
    expect([bench.put, bench.ended]).toEqual([['attach', 'hi', 'return'], 'well']);
  });
});
