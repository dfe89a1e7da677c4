import { describe, expect, it } from 'vitest';
import { SessionError } from '../../../src/protocol/errors.ts';
import { noticeLine } from '../../../src/protocol/notice-line.ts';
import { isQuit } from '../../../src/protocol/plain/commands.ts';
import { Claim } from '../../../src/session/naming/claim.ts';
import { GATE_BYTES, NameGate } from '../../../src/session/reader/name-gate.ts';
import { NO_PROGRESS } from '../../helpers/unit/shard/bench.ts';

/** A claim to the name bob, and all that becomes of it, as one word each. */
class Bench {
  readonly happened: string[] = [];
  readonly claim: Claim;
  writer = { ...NO_PROGRESS };
  /** Whether the stream has ended, so that a session that must wait ends. */
  streamEnded = false;
  #later: (() => void) | undefined;

  constructor(strict: boolean) {
    const bench = this;
    this.claim = new Claim({
      writer: {
        get progress() {
          return bench.writer;
        },
        reportEach: () => this.happened.push('report each'),
      },
      transport: { pause: () => this.happened.push('pause') },
      protocol: { isQuit },
      notices: { begin: (notice) => this.happened.push(Buffer.from(noticeLine(notice)).toString().trimEnd()) },
      startTimer: (_ms, step) => {
        this.#later = step;
        return () => {
          this.#later = undefined;
        };
      },
      reader: {
        open: (read) => this.happened.push(`granted ${read}`),
        giveUp: () => {
          this.happened.push('taken');
          return this.streamEnded;
        },
        stop: (error) => this.happened.push(error instanceof SessionError ? error.code : 'ended'),
      },
    });
    this.claim.ask(Buffer.from('bob'), strict);
  }

  read(text: string): this {
    this.claim.gate?.read(Buffer.from(text), text.length);
    return this;
  }

  /** The time is over after which a name counts as taken. */
  wait(): this {
    this.#later?.();
    return this;
  }

  /** The peer ends its side. */
  leave(): this {
    this.claim.leave(() => this.happened.push('left'));
    return this;
  }

  /** The writer has written so many frames in all. */
  wrote(writtenFrames: number): this {
    this.writer = { ...this.writer, writtenFrames };
    this.claim.written();
    return this;
  }
}

const HELLO = '* you are bob';
const HELLO_TWO = '* you are bob: 2 messages waited';
const YOURS = '* bob is yours now: 2 messages waited';
const WAITS = '* bob is taken: you wait until it is free';
const UNSENT = '* bob is taken: nothing that you wrote was sent';

describe('with strictness a claim', () => {
  it('keeps what is read until the name is granted, and says so first', () => {
    const bench = new Bench(true).read('one\ntw').read('o\n');
    expect(bench.happened).toEqual([]);
    bench.claim.attached('receiving', 0);
    expect([bench.happened, bench.claim.gate]).toEqual([[HELLO, 'granted one\ntwo\n'], undefined]);
    bench.wait().claim.end();
    expect(bench.happened).toHaveLength(2);
  });

  it('is given up by /quit, but not before lines that may yet be sent', () => {
    const bench = new Bench(true).read('alice: hi\n').read('/quit\n');
    expect([bench.happened, bench.claim.hasGatedLines]).toEqual([[], true]);
    bench.claim.attached('receiving', 0);
    expect([bench.happened, bench.claim.hasGatedLines]).toEqual([[HELLO, 'granted alice: hi\n/quit\n'], false]);
    expect(new Bench(true).read('/quit\n').happened).toEqual(['QUIT']);
    const waiting = new Bench(true).read('alice: hi\n');
    waiting.claim.attached('waiting', 0);
    expect(waiting.read('/quit\n').happened).toEqual(['QUIT']);
  });

  it('to a name that is free soon is granted as if it had been free', () => {
    const bench = new Bench(true);
    bench.claim.attached('waiting', 0);
    bench.claim.attached('receiving', 2);
    expect(bench.wait().happened).toEqual([HELLO_TWO, 'granted ']);
  });

  it('to a name that is taken says so once, and once that it is free', () => {
    const bench = new Bench(true);
    bench.claim.attached('waiting', 0);
    expect([bench.claim.mustWait, bench.wait().claim.mustWait]).toEqual([false, true]);
    bench.claim.attached('waiting', 0); // by a new life of the shard
    bench.read('one\n').claim.attached('receiving', 2);
    expect(bench.happened).toEqual(['taken', WAITS, YOURS, 'granted one\n']);
  });

  it.each([
    ['and was told so, ends without another word', true, '', ['taken', WAITS]],
    ['and was told so, hears that what it wrote is not sent', true, 'one\n', ['taken', WAITS, UNSENT]],
    ['and does not know, hears it in one line', false, '', [UNSENT]],
  ])('that waits %s', (_what, told, text, happened) => {
    const bench = new Bench(true).read(text);
    bench.claim.attached('waiting', 0);
    if (told) bench.wait();
    bench.claim.end();
    bench.claim.attached('receiving', 2);
    expect(bench.wait().happened).toEqual(happened);
  });

  it('whose stream has ended ends when it would have to wait, in one line', () => {
    const bench = new Bench(true);
    bench.streamEnded = true;
    bench.claim.attached('waiting', 0);
    bench.wait().claim.end();
    expect(bench.happened).toEqual(['taken', UNSENT]);
  });

  it('that is refused says nothing more', () => {
    const bench = new Bench(true).read('one\n');
    bench.claim.attached('refused', 0);
    bench.claim.end();
    expect(bench.happened).toEqual(['NAME_CROWDED']);
  });
});

describe('without strictness a claim', () => {
  it('keeps nothing, and says that it can only send', () => {
    const bench = new Bench(false);
    expect(bench.claim.gate).toBeUndefined();
    bench.claim.attached('send-only', 0);
    bench.claim.attached('send-only', 0);
    expect(bench.happened).toEqual(['* bob is taken: you can send, and receive nothing']);
  });
});

describe('who has ended its side', () => {
  it('leaves when what waited is written, and no sooner', () => {
    const bench = new Bench(false).leave();
    bench.claim.attached('receiving', 2);
    expect(bench.wrote(1).happened).toEqual(['report each', HELLO_TWO]);
    expect(bench.wrote(2).wrote(3).happened).toEqual(['report each', HELLO_TWO, 'left']);
  });

  it('leaves at once where nothing waits, or nothing will come', () => {
    for (const as of ['receiving', 'send-only'] as const) {
      const bench = new Bench(false);
      bench.claim.attached(as, 0);
      expect(bench.leave().happened.at(-1)).toBe('left');
    }
  });

  it('gets what a new life of its shard has for it, beside what it was handed before', () => {
    const bench = new Bench(false);
    bench.claim.attached('receiving', 4);
    bench.writer = { ...NO_PROGRESS, handedFrames: 3 };
    bench.leave().claim.attached('receiving', 2);
    expect(bench.wrote(4).happened.at(-1)).toBe('report each');
    expect(bench.wrote(5).happened.at(-1)).toBe('left');
  });

  it('is counted past 2^31', () => {
    const bench = new Bench(false);
    bench.writer = { ...NO_PROGRESS, handedFrames: 2 ** 31 - 1, writtenFrames: 2 ** 31 - 1 };
    bench.claim.attached('receiving', 2);
    expect(
      bench
        .leave()
        .wrote((2 ** 31) | 0)
        .happened.at(-1),
    ).toBe('report each');
    expect(bench.wrote((2 ** 31 + 1) | 0).happened.at(-1)).toBe('left');
  });
});

describe('a gate', () => {
  it.each(['/quit\n', '/quit\r\n', '/QUIT \t\n'])('is left by %j that comes alone, and by nothing else', (line) => {
    let quits = 0;
    const gate = new NameGate(
      () => undefined,
      (bytes, length) => isQuit(bytes, length) && ++quits > 0,
    );
    for (const text of ['/quit', 'quit\n', '/quits\n', 'a: /quit\n']) gate.read(Buffer.from(text), text.length);
    expect(quits).toBe(0);
    gate.read(Buffer.from(line), line.length);
    expect(quits).toBe(1);
  });

  it('keeps the line where it is not to be left by it', () => {
    const gate = new NameGate(
      () => undefined,
      () => false,
    );
    for (const text of ['alice: hi\n', '/quit\n']) gate.read(Buffer.from(text), text.length);
    expect(gate.all().toString()).toBe('alice: hi\n/quit\n');
  });

  it('keeps what is read, in order, and asks for no more than its place', () => {
    let pauses = 0;
    const gate = new NameGate(
      () => pauses++,
      () => false,
    );
    const shared = Buffer.alloc(1);
    let text = '';
    for (let i = 0; i < GATE_BYTES; i++) {
      shared[0] = 97 + (i % 26);
      text += shared;
      expect(pauses).toBe(0);
      gate.read(shared, 1);
    }
    expect([pauses, gate.empty, gate.all().toString() === text]).toEqual([1, false, true]);
  });
});
