/** The log of a tab. */
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/http/page/browser/chat/model/events.ts';
import { type Keeper, LOG_MAX_CHARS, Log } from '../../../src/http/page/browser/chat/model/log.ts';

/** A storage on paper, which may be full. */
class PaperKeeper implements Keeper {
  readonly texts = new Map<string, string>();
  maxChars = Number.POSITIVE_INFINITY;

  get length(): number {
    return this.texts.size;
  }

  get chars(): number {
    return [...this.texts.values()].reduce((sum, text) => sum + text.length, 0);
  }

  key(index: number): string | null {
    return [...this.texts.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.texts.get(key) ?? null;
  }

  setItem(key: string, text: string): void {
    if (this.chars - (this.texts.get(key)?.length ?? 0) + text.length > this.maxChars) throw new Error('it is full');
    this.texts.set(key, text);
  }

  removeItem(key: string): void {
    this.texts.delete(key);
  }
}

const came = (seq: number, text = `text ${seq}`): ChatEvent => ({ kind: 'came', seq, from: 'bob', text, time: seq });

function loaded(keeper: Keeper): { log: Log; seqs: number[]; parts: number[] } {
  const log = new Log(keeper, 'x:');
  const [seqs, parts]: [number[], number[]] = [[], []];
  log.load((event, part) => {
    if (event.kind === 'came') seqs.push(event.seq);
    parts.push(part);
  });
  return { log, seqs, parts };
}

describe('a log', () => {
  it('has after it is loaded what it had before, in order, and the mark', () => {
    const keeper = new PaperKeeper();
    keeper.setItem('y:1', 'of somebody else');
    const log = new Log(keeper, 'x:');
    for (let seq = 1; seq <= 300; seq++) log.append([came(seq, 'x'.repeat(200))], { mailbox: 'm', seq });
    log.append([{ kind: 'read', with: ['bob'] }]);
    const again = loaded(keeper);
    expect(again.seqs).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(again.log.mark).toEqual({ mailbox: 'm', seq: 300 });
    expect(again.log.part).toBeGreaterThan(again.parts.at(-1) ?? 0);
    again.log.append([came(301)], { mailbox: 'm', seq: 301 });
    expect(loaded(keeper).seqs.at(-1)).toBe(301);
    again.log.clear();
    expect([...keeper.texts.keys()]).toEqual(['y:1']);
  });

  it('has LOG_MAX_CHARS at most, and loses the oldest parts', () => {
    const keeper = new PaperKeeper();
    const log = new Log(keeper, 'x:');
    for (let seq = 1; seq <= 60; seq++) log.append([came(seq, 'x'.repeat(65_536))], { mailbox: 'm', seq });
    expect(keeper.chars).toBeLessThanOrEqual(LOG_MAX_CHARS);
    const { seqs, parts } = loaded(keeper);
    expect(seqs.at(-1)).toBe(60);
    expect(parts[0]).toBe(log.firstPart);
    expect(seqs.length).toBeGreaterThan(25);
  });

  it('loses the oldest parts where the storage is full sooner, and goes on where it takes nothing', () => {
    const keeper = new PaperKeeper();
    keeper.maxChars = 100_000;
    const log = new Log(keeper, 'x:');
    for (let seq = 1; seq <= 20; seq++) log.append([came(seq, 'x'.repeat(20_000))], { mailbox: 'm', seq });
    expect([log.keeps, loaded(keeper).seqs]).toEqual([true, [17, 18, 19, 20]]);
    keeper.maxChars = 10;
    log.append([came(21)], { mailbox: 'm', seq: 21 });
    expect([log.keeps, log.mark]).toEqual([false, { mailbox: 'm', seq: 21 }]);
  });

  it('leaves out a part that cannot be read', () => {
    const keeper = new PaperKeeper();
    const log = new Log(keeper, 'x:');
    for (const seq of [1, 2, 3]) log.append([came(seq, 'x'.repeat(20_000))], { mailbox: 'm', seq });
    keeper.setItem('x:1', '{');
    expect(loaded(keeper).seqs).toEqual([1, 3]);
  });
});
