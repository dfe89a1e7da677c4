import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paced } from '../helpers/pace/pace.ts';
import { ShardBench } from '../helpers/unit/shard/bench.ts';

type Step =
  | { readonly kind: 'attach' | 'giveBack' | 'work'; readonly name: number }
  | { readonly kind: 'message'; readonly name: number; readonly bytes: number }
  | { readonly kind: 'write' | 'leave'; readonly name: number; readonly share: number; readonly inFlight: number };

const NAMES = ['bob', 'eve'];
const name = fc.constantFrom(0, 0, 0, 1);
const small = fc.nat(3);
const window = fc.constantFrom(1, 40, 1000);
const of = <K extends string>(...kinds: K[]) => fc.constantFrom(...kinds);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: of('message'), name, bytes: fc.integer({ min: 6, max: 30 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: of('attach', 'attach', 'giveBack', 'work'), name }) },
  { weight: 6, arbitrary: fc.record({ kind: of('write', 'leave'), name, share: small, inFlight: small }) },
);

/** Peers that speak the truth: each attaches, writes some, leaves, and gives back later what was in flight. */
class Peers {
  readonly bench: ShardBench;
  readonly sent = NAMES.map((): string[] => []);
  readonly written = NAMES.map((): string[] => []);
  /** The attachment that is there, and those that have left with frames in flight, a name. */
  readonly here = NAMES.map((): number | undefined => undefined);
  readonly #late: { name: number; number: number }[] = [];
  readonly #seen = new Map<number, number>();
  /** Who waits for each name, in the order they came. */
  readonly #waiting = NAMES.map((): number[] => []);
  readonly #strict: boolean;
  #number = 0;
  #serial = 0;

  constructor(writeWindowBytes: number, strict: boolean) {
    this.#strict = strict;
    this.bench = new ShardBench({ writeWindowBytes, strict });
    for (const index of NAMES.keys()) {
      this.attach(index);
      this.leave(index, 0, 0);
    }
  }

  apply(doing: Step): void {
    switch (doing.kind) {
      case 'attach':
        this.attach(doing.name);
        return;
      case 'giveBack':
        this.giveBack();
        return;
      case 'work':
        this.bench.work();
        return;
      case 'message':
        this.#message(doing.name, doing.bytes);
        return;
      case 'write':
        this.write(doing.name, doing.share);
        return;
      case 'leave':
        this.leave(doing.name, doing.share, doing.inFlight);
        return;
      default:
        doing satisfies never;
    }
  }

  attach(index: number): void {
    if (this.here[index] !== undefined && !this.#strict) return;
    this.bench.attach(++this.#number, NAMES[index] ?? '');
    if (this.here[index] === undefined) this.#enter(index, this.#number);
    else {
      this.#waiting[index]?.push(this.#number);
      expect(this.bench.standings.at(-1)).toEqual([this.#number, 'waiting', 0]);
    }
  }

  /** Whoever has the name now is told what waits: all that was sent to it and is not written. */
  #enter(index: number, number: number): void {
    this.here[index] = number;
    const missing = (this.sent[index]?.length ?? 0) - (this.written[index]?.length ?? 0);
    expect(this.bench.standings.at(-1)).toEqual([number, 'receiving', missing]);
  }

  write(index: number, count: number): void {
    const number = this.here[index];
    if (number === undefined) return;
    this.#noteWritten(index, number, count);
    this.bench.write(number, count);
  }

  leave(index: number, count: number, inFlight: number): void {
    const number = this.here[index];
    if (number === undefined) return;
    const writable = Math.max(0, this.bench.delivered(number).length - (this.#seen.get(number) ?? 0) - inFlight);
    const written = Math.min(count, writable);
    this.#noteWritten(index, number, written);
    this.bench.leave(number, { written, inFlight: Math.min(inFlight, this.#left(number)) });
    this.here[index] = undefined;
    this.#late.push({ name: index, number });
    const next = this.#waiting[index]?.shift();
    if (next !== undefined) this.#enter(index, next);
  }

  /** The oldest that has left gets what was in flight to it, and gives it back. */
  giveBack(): void {
    const late = this.#late.shift();
    if (late !== undefined) this.bench.giveBack(late.number);
  }

  /** All is given back, and whoever is there reads on until nothing is left. */
  settle(): void {
    while (this.#late.length > 0) this.giveBack();
    for (const index of NAMES.keys()) {
      if (this.here[index] === undefined) this.attach(index);
      for (let rounds = 0; this.#left(this.here[index] ?? 0) > 0 && rounds < 1000; rounds++) this.write(index, 1000);
    }
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.flat().length;
  }

  #left(number: number): number {
    return this.bench.delivered(number).length - (this.#seen.get(number) ?? 0);
  }

  #noteWritten(index: number, number: number, count: number): void {
    const from = this.#seen.get(number) ?? 0;
    const lines = this.bench.delivered(number).slice(from, from + count);
    this.#seen.set(number, from + lines.length);
    this.written[index]?.push(...lines);
  }

  #message(index: number, bytes: number): void {
    const line = `${this.#serial++}`.padEnd(bytes - 1, '.');
    this.sent[index]?.push(line);
    this.bench.message(99, NAMES[index] ?? '', line);
  }
}

describe('peers that come and go as they like', () => {
  it('are written every message once and in order, whatever was in flight when they left', () => {
    fc.assert(
      fc.property(window, fc.boolean(), fc.array(step, { minLength: 10, maxLength: 60 }), (bytes, strict, steps) => {
        const peers = new Peers(bytes, strict);
        for (const doing of steps) peers.apply(doing);
        peers.settle();
        expect(peers.written).toEqual(peers.sent);
        expect(peers.bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, malformed: 0 });
        expect(peers.bench.stats.attachments).toBe(2 + peers.waiting);
      }),
      { numRuns: 2000, interruptAfterTimeLimit: paced(5000) },
    );
  });
});
