/** The line of a proof: it is taken once, in whatever pieces it comes, and wiped where it came from. */
import { describe, expect, it } from 'vitest';
import { MAX_PROOF_BYTES, ProofGate } from '../../../../src/session/naming/proof-gate.ts';

class Bench {
  readonly got: string[] = [];
  readonly fed: Buffer[] = [];
  readonly gate = new ProofGate(
    () => undefined,
    () => false,
    {
      take: (proof) => void this.got.push(Buffer.from(proof).toString()),
      tooLong: () => void this.got.push('too long'),
      none: () => void this.got.push('none'),
    },
  );

  read(...pieces: readonly string[]): this {
    for (const piece of pieces) {
      const bytes = Buffer.from(`${piece}#other bytes of the read buffer`);
      this.fed.push(bytes);
      this.gate.read(bytes, Buffer.byteLength(piece));
    }
    return this;
  }

  get rest(): string {
    return this.gate.all().toString();
  }
}

describe('a proof', () => {
  it.each([
    [['secret\n'], 'secret', ''],
    [['secret\r\n'], 'secret', ''],
    [['sec', 're', 't\nbob: hi\n'], 'secret', 'bob: hi\n'],
    [['s', 'e', 'c\r', '\n', 'x'], 'sec', 'x'],
    [['\nbob: hi'], '', 'bob: hi'],
    [['a\rb\n'], 'a\rb', ''],
  ])('comes in pieces %j', (pieces, proof, rest) => {
    const bench = new Bench().read(...pieces);
    expect([bench.got, bench.rest]).toEqual([[proof], rest]);
  });

  it('is wiped where it was read, and nothing else is', () => {
    const bench = new Bench().read('sec', 'ret\nbob: hi\n');
    const left = Buffer.concat(bench.fed).toString();
    expect(left).not.toMatch(/sec|ret\n/);
    expect(left).toContain('bob: hi\n#other');
  });

  it('may be the last line of a stream, or not come at all', () => {
    const bench = new Bench().read('secret');
    bench.gate.end(false);
    bench.gate.end(false);
    expect(bench.got).toEqual(['secret']);
    const empty = new Bench();
    empty.gate.end(false);
    expect(empty.got).toEqual(['none']);
  });

  it('is none where a reset has cut it off', () => {
    const bench = new Bench().read('sec');
    bench.gate.end(true);
    bench.read('ret\n');
    expect(bench.got).toEqual(['none']);
  });

  it('has a longest length, and what is behind that is wiped too', () => {
    expect(new Bench().read(`${'x'.repeat(MAX_PROOF_BYTES)}\r\n`).got[0]?.length).toBe(MAX_PROOF_BYTES);
    const bench = new Bench().read('x'.repeat(MAX_PROOF_BYTES), 'secret');
    expect([bench.got, bench.fed.at(-1)?.toString()]).toEqual([['too long'], expect.not.stringContaining('secret')]);
    expect(new Bench().read(`${'x'.repeat(MAX_PROOF_BYTES + 1)}\n`).got).toEqual(['too long']);
  });

  it('does not come any more when the session has ended', () => {
    const bench = new Bench().read('sec');
    bench.gate.drop();
    bench.read('ret\n');
    expect(bench.got).toEqual([]);
  });
});
