/** Rows that are asked for as they are needed, and the samples of ten minutes: without a browser. */
import { describe, expect, it } from 'vitest';
import type { MailRow, NameRow, Sample, ShardRow } from '../../../src/http/page/browser/operate/api/answers.ts';
import { columnsOf } from '../../../src/http/page/browser/operate/model/columns.ts';
import { bytes, nearness, percent } from '../../../src/http/page/browser/operate/model/figures.ts';
import { ConnectionRows } from '../../../src/http/page/browser/operate/model/rows/connection-rows.ts';
import { MAX_MAIL_ROWS, MailRows } from '../../../src/http/page/browser/operate/model/rows/mail-rows.ts';
import { MAX_LOADED, NameRows } from '../../../src/http/page/browser/operate/model/rows/name-rows.ts';
import { MAX_SAMPLES, Samples } from '../../../src/http/page/browser/operate/model/samples.ts';

const queryOf = (path: string) => new URL(path, 'http://none').searchParams;

/** Waits until rows await no answer. */
const settled = (rows: { readonly isLoading: boolean }) =>
  expect.poll(() => rows.isLoading, { interval: 1 }).toBe(false);

describe('names', () => {
  const nameOf = (index: number): NameRow => {
    const waitingMessages = (index * 7) % 1_000;
    return { name: `n${index}`, state: 'away', waitingMessages, waitingBytes: 1, oldestSeconds: 1 };
  };
  /** A broker with so many names, some pages of which are empty. */
  const broker = (count: number) => async (path: string) => {
    const after = Number(queryOf(path).get('after') ?? 0);
    const size = after % 3_000 === 2_000 ? 0 : Number(queryOf(path).get('limit'));
    const names = Array.from({ length: Math.min(size, count - after) }, (_, index) => nameOf(after + index));
    // An empty page goes on behind a name, too: here by one name that is left out.
    const next = after + (size === 0 ? 1 : size);
    return { names, more: next < count, next: next < count ? String(next) : null };
  };
  const question = { sort: 'name', order: 'asc', prefix: '', state: 'any', waiting: false } as const;

  it('are loaded over empty pages, and sorted', async () => {
    const rows = new NameRows(question, broker(5_500));
    await settled(rows);
    expect([rows.total, rows.hasMore, rows.at(0)?.name]).toEqual([5_499, false, 'n0']);
    rows.sort({ sort: 'waiting', order: 'desc' });
    const waiting = Array.from({ length: rows.total }, (_, index) => rows.at(index)?.waitingMessages ?? -1);
    expect(waiting).toEqual(waiting.toSorted((a, b) => b - a));
  });

  it('are sorted as was asked while they were loaded', async () => {
    const rows = new NameRows(question, broker(2_500));
    rows.sort({ sort: 'waiting', order: 'desc' });
    await settled(rows);
    expect([rows.total, rows.at(0)?.waitingMessages]).toEqual([2_499, 999]);
  });

  it('are not more than a page can sort, and it is known that there are', async () => {
    const rows = new NameRows(question, broker(1_000_000));
    await settled(rows);
    expect([rows.total, rows.hasMore]).toEqual([MAX_LOADED, true]);
  });

  it('of which nobody wants to know any more are not asked for further', async () => {
    let asked = 0;
    const rows = new NameRows(question, async (path, { signal }) => {
      asked++;
      await Promise.resolve();
      rows.end();
      signal.throwIfAborted();
      return broker(5_000)(path);
    });
    await settled(rows);
    expect([asked, rows.total, rows.problem.value]).toEqual([1, 0, undefined]);
  });
});

describe('connections', () => {
  it('are asked for page by page, each once, and the pages that are kept are few', async () => {
    const asked: number[] = [];
    const rows = new ConnectionRows({ sort: 'since', order: 'asc', name: '' }, async (path) => {
      asked.push(Number(queryOf(path).get('offset')));
      return { total: 100_000, connections: [] };
    });
    rows.need(0, 10);
    await settled(rows);
    rows.need(190, 410);
    rows.need(190, 410);
    await settled(rows);
    expect(asked).toEqual([0, 200, 400]);
    for (let page = 3; page < 70; page++) rows.need(page * 200, page * 200);
    await settled(rows);
    rows.need(0, 0);
    await settled(rows);
    expect(asked.filter((offset) => offset === 0).length).toBe(2);
  });

  it('that cannot be read are not asked for again and again', async () => {
    let asked = 0;
    const rows = new ConnectionRows({ sort: 'since', order: 'asc', name: '' }, async () => {
      asked++;
      throw new Error('the broker does not answer');
    });
    for (let turn = 0; turn < 3; turn++) {
      rows.need(0, 10);
      await settled(rows);
    }
    expect([asked, rows.problem.value]).toEqual([1, 'the broker does not answer']);
  });
});

describe('mail', () => {
  const messageOf = (seq: number): MailRow => ({ seq, from: 'a', at: 0, bytes: 1, durable: false, text: '' });

  it('is asked for near the end of what is known, up to a bound', async () => {
    const rows = new MailRows('a/b', async (path) => {
      expect(path.startsWith('/v1/names/a%2Fb/mail?')).toBe(true);
      const after = Number(queryOf(path).get('after') ?? 0);
      return {
        messages: Array.from({ length: 200 }, (_, index) => messageOf(after + index + 1)),
        more: true,
        inHands: 1,
      };
    });
    await settled(rows);
    rows.need(0, 50);
    expect([rows.total, rows.isLoading]).toEqual([200, false]);
    for (let turn = 0; turn < 60; turn++) {
      rows.need(0, rows.total);
      await settled(rows);
    }
    expect([rows.total, rows.at(rows.total - 1)?.seq]).toEqual([MAX_MAIL_ROWS, MAX_MAIL_ROWS]);
    rows.remove(1);
    expect([rows.total, rows.at(0)?.seq]).toEqual([MAX_MAIL_ROWS - 1, 2]);
  });

  it('that cannot be read says why, and is not asked for without an end', async () => {
    let asked = 0;
    const rows = new MailRows('bob', async () => {
      asked++;
      throw new Error('the shard is down');
    });
    await settled(rows);
    rows.need(0, 0);
    expect([asked, rows.problem.value]).toEqual([1, 'the shard is down']);
  });
});

describe('samples', () => {
  const shardOf = (up: boolean, restarts: number) => ({ shard: 0, up, restarts, loopDelayMs: 2 }) as ShardRow;
  const sampleOf = (second: number, up = true, restarts = 0): Sample => {
    return { at: second * 1000, connections: 1, rssBytes: 1, shards: [shardOf(up, restarts)] };
  };

  it('are the last of ten minutes, each once', () => {
    const samples = new Samples();
    samples.fill([sampleOf(1), sampleOf(2)]);
    for (let second = 1; second <= 1_000; second++) samples.add(sampleOf(second));
    expect([samples.all.value.length, samples.all.value[0]?.at, samples.last?.at]).toEqual([MAX_SAMPLES, 401e3, 1e6]);
  });

  it('say what has happened to a shard, also where nobody saw it', () => {
    const samples = new Samples();
    const said = (sample: Sample) => {
      samples.add(sample);
      return samples.said.value;
    };
    expect(said(sampleOf(1))).toBe('');
    expect(said(sampleOf(2, false))).toBe('Shard 0 is down.');
    expect(said(sampleOf(3, true, 1))).toBe('Shard 0 is up again.');
    expect(said(sampleOf(4, true, 2))).toBe('Shard 0 has crashed, and was started again.');
  });

  it('have a hole in the charts where some are missing', () => {
    const { times, connections, loopDelayMs } = columnsOf([sampleOf(1), sampleOf(2), sampleOf(9)]);
    expect([times, connections, loopDelayMs]).toEqual([
      [1, 2, 3, 9],
      [1, 1, null, 1],
      [2, 2, null, 2],
    ]);
  });
});

it('figures say when a limit is near, and never that it is reached before it is', () => {
  expect([nearness(79, 100), nearness(80, 100), nearness(100, 100), nearness(0, 0)]).toEqual([
    'far',
    'near',
    'reached',
    'reached',
  ]);
  expect([percent(0, 10), percent(1, 1_000), percent(999, 1_000), percent(5, 5)]).toEqual([
    '0 %',
    'under 1 %',
    '99 %',
    '100 %',
  ]);
  expect([bytes(0), bytes(1023), bytes(1536), bytes(1024 ** 3)]).toEqual(['0 B', '1,023 B', '1.5 KiB', '1 GiB']);
});
