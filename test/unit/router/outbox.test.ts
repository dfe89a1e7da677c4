import { setImmediate as endOfTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MOST_COST_BYTES } from '../../../src/router/cost-mark.ts';
import { HIGH_WATER_BYTES, LIGHT_COST_BYTES, Outbox } from '../../../src/router/outbox.ts';
import { FULL_BATCH_BYTES, postWeight } from '../../../src/shared/wire/batch.ts';
import { FRAME_HEADER_WORDS } from '../../../src/shared/wire/frames/frames.ts';
import { putReturn } from '../../../src/shared/wire/to-shard.ts';
import { framesOf, lineOf } from '../../helpers/unit/frames.ts';
import { connected, HEAVY, PaperPort, put, putLarge, RECORD_BYTES } from '../../helpers/unit/outbox.ts';
import { postOf, putToShard } from '../../helpers/unit/records.ts';

describe('what is put in an outbox', () => {
  it('is gathered for a turn, and is one post at its end', async () => {
    const { outbox, port } = connected();
    put(outbox, 1, 2);
    await Promise.resolve();
    put(outbox, 3);
    expect(port.posts).toEqual([]);
    await endOfTurn();
    expect(port.flushIds).toEqual([[1, 2, 3]]);
  });

  it('waits until the post before is answered, and is posted at the end of that turn', async () => {
    const { outbox, port } = connected();
    put(outbox, 1);
    await endOfTurn();
    put(outbox, 2);
    await endOfTurn();
    put(outbox, 3);
    await endOfTurn();
    expect(port.flushIds).toEqual([[1]]);
    outbox.acknowledge(0); // nothing is worked off yet, but it is an answer
    put(outbox, 4);
    expect(port.flushIds).toEqual([[1]]);
    await endOfTurn();
    expect(port.flushIds).toEqual([[1], [2, 3, 4]]);
    put(outbox, 5);
    await endOfTurn();
    expect(port.flushIds).toHaveLength(2);
  });

  it('does not wait where it is a full batch', async () => {
    const { outbox, port } = connected();
    put(outbox, 1);
    await endOfTurn();
    putLarge(outbox, FULL_BATCH_BYTES - 4);
    expect(port.posts).toHaveLength(1);
    putLarge(outbox, 8);
    expect(port.posts.map((post) => postWeight(post))).toEqual([RECORD_BYTES, FULL_BATCH_BYTES + 4]);
  });

  it('does not wait for the answer of a shard that is gone', async () => {
    const { outbox } = connected();
    put(outbox, 1);
    await endOfTurn();
    put(outbox, 2);
    outbox.disconnect();
    const next = new PaperPort();
    outbox.connect(next.asPort, undefined);
    await endOfTurn();
    expect(next.flushIds).toEqual([[2]]);
  });

  it('is nothing, and then nothing is posted', async () => {
    const { outbox, port } = connected();
    outbox.schedule();
    await endOfTurn();
    expect(port.posts).toEqual([]);
  });

  it('is posted before the turn is over where it is a full batch', async () => {
    const { outbox, port } = connected();
    put(outbox, 1);
    putLarge(outbox, FULL_BATCH_BYTES - RECORD_BYTES - 4);
    expect(port.posts).toHaveLength(0);
    putLarge(outbox, 8);
    expect(port.posts.map((post) => postWeight(post))).toEqual([FULL_BATCH_BYTES + 4]);
    await endOfTurn();
    expect(port.posts).toHaveLength(1);
  });

  it('moves to the shard with the buffers it names, and they count', async () => {
    const { outbox, port } = connected();
    const run = framesOf([lineOf(1000)]);
    const mail = {
      attachment: 1,
      name: Buffer.from('bob'),
      last: true,
      writtenFrames: 0,
      writtenBytes: 0,
      writtenNumber: 0,
    };
    putReturn(outbox.batch, { ...mail, runs: [run] });
    outbox.schedule();
    await endOfTurn();
    const [batch, moved] = port.transfers[0] ?? [];
    expect(moved).toBe(run.bytes.buffer);
    expect(outbox.unacknowledgedBytes).toBe((batch?.byteLength ?? 0) + 1000 + FRAME_HEADER_WORDS * 4);
  });
});

describe('an outbox is congested', () => {
  it('past its high-water mark of bytes gathered, not at it', () => {
    const outbox = new Outbox();
    putLarge(outbox, HIGH_WATER_BYTES);
    expect(outbox.congested).toBe(false);
    putLarge(outbox, 8);
    expect(outbox.congested).toBe(true);
  });

  it('by bytes posted and not worked off together with those gathered', () => {
    const { outbox } = connected();
    putLarge(outbox, HIGH_WATER_BYTES);
    put(outbox, 1);
    expect([outbox.unacknowledgedBytes, outbox.congested]).toEqual([HIGH_WATER_BYTES, true]);
    outbox.acknowledge(RECORD_BYTES);
    expect(outbox.congested).toBe(false);
  });

  it('later for lines that ask for little', () => {
    const outbox = new Outbox();
    putLarge(outbox, HIGH_WATER_BYTES + 4);
    expect([outbox.hasRoom(HEAVY), outbox.hasRoom(LIGHT_COST_BYTES)]).toEqual([false, true]);
    putLarge(outbox, HIGH_WATER_BYTES);
    expect(outbox.hasRoom(1)).toBe(false);
  });

  it('by what lists ask for, until the posts they are in are worked off', async () => {
    const { outbox, port } = connected();
    outbox.charge(MOST_COST_BYTES + 1);
    expect([outbox.hasRoom(HEAVY), outbox.hasRoom(1)]).toEqual([false, true]);
    put(outbox, 1);
    expect(port.flushIds).toEqual([[1]]); // at once: the shard can begin
    outbox.charge(1);
    put(outbox, 2);
    outbox.acknowledge(RECORD_BYTES - 1);
    expect(outbox.congested).toBe(true);
    outbox.acknowledge(1);
    expect(outbox.congested).toBe(false);
  });

  it('no more by what went with a shard that has crashed', () => {
    const { outbox } = connected();
    outbox.charge(MOST_COST_BYTES + 1);
    put(outbox, 1);
    outbox.disconnect();
    expect(outbox.congested).toBe(false);
  });

  it('by no less than nothing, though more is acknowledged than was posted', () => {
    const { outbox } = connected();
    outbox.acknowledge(500);
    expect(outbox.unacknowledgedBytes).toBe(0);
  });
});

describe('an outbox without its shard', () => {
  const first = () => postOf(putToShard, [{ kind: 'flush', flushId: 1 }]);

  it('says how many bytes went with it, and counts them no more', async () => {
    const { outbox } = connected();
    put(outbox, 1, 2);
    await endOfTurn();
    expect(outbox.disconnect()).toBe(2 * RECORD_BYTES);
    expect([outbox.unacknowledgedBytes, outbox.disconnect()]).toEqual([0, 0]);
  });

  it('posts what was gathered meanwhile to the next one, after what is first', async () => {
    const { outbox, port: old } = connected();
    outbox.disconnect();
    put(outbox, 2, 3);
    await endOfTurn();
    const port = new PaperPort();
    outbox.connect(port.asPort, first());
    put(outbox, 4);
    await endOfTurn();
    expect([port.flushIds, old.posts]).toEqual([[[1], [2, 3, 4]], []]);
    expect(outbox.unacknowledgedBytes).toBe(4 * RECORD_BYTES);
  });

  it('keeps even a full batch for the next one', () => {
    const outbox = new Outbox();
    putLarge(outbox, FULL_BATCH_BYTES);
    const port = new PaperPort();
    outbox.connect(port.asPort, first());
    expect(port.posts.map((post) => postWeight(post))).toEqual([RECORD_BYTES, FULL_BATCH_BYTES]);
  });
});
