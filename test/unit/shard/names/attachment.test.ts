import { describe, expect, it } from 'vitest';
import { Attachment } from '../../../../workers/names/attachment.ts';
import { NameTable } from '../../../../workers/names/name-table.ts';
import { framesOf } from '../../../helpers/unit/frames.ts';
import { NO_PROGRESS } from '../../../helpers/unit/shard/bench.ts';

const name = new NameTable(() => 1).findOrAdd(Buffer.from('bob'));

/** An attachment that was handed `frames` frames of `bytes` bytes in all. */
function handed(frames: number, bytes: number, progress = NO_PROGRESS): Attachment {
  const attachment = new Attachment(1, name, progress, 1000);
  attachment.noteHanded(frames, bytes);
  return attachment;
}

const outstanding = ({ outstandingFrames, outstandingBytes }: Attachment) => [outstandingFrames, outstandingBytes];

describe('the progress of an attachment', () => {
  it('begins with what was told of it', () => {
    const progress = {
      handedFrames: 9,
      handedBytes: 90,
      writtenFrames: 4,
      writtenBytes: 50,
      handedNumber: 9,
      writtenNumber: 4,
    };
    expect(outstanding(new Attachment(1, name, progress, 1000))).toEqual([5, 40]);
  });

  it('is what was handed, less what was written, less what came back', () => {
    const attachment = handed(5, 20);
    attachment.noteWritten(2, 8);
    expect(outstanding(attachment)).toEqual([3, 12]);
    expect(attachment.noteReturned([framesOf(['one']), framesOf(['two', 'six'])])).toBe(true);
    expect(outstanding(attachment)).toEqual([0, 0]);
  });

  it('takes sums, so that one said twice does no harm, and a later one counts what is new', () => {
    const attachment = handed(5, 20);
    for (const [frames, bytes] of [
      [2, 8],
      [2, 8],
      [3, 12],
    ] as const)
      attachment.noteWritten(frames, bytes);
    expect(outstanding(attachment)).toEqual([2, 8]);
  });

  it.each([
    ['more frames than were handed', 6, 20],
    ['more bytes than were handed', 5, 21],
    ['fewer frames than before', 1, 12],
    ['fewer bytes than before', 3, 7],
  ])('does not take a word of %s', (_what, frames, bytes) => {
    const attachment = handed(5, 20);
    attachment.noteWritten(2, 8);
    attachment.noteWritten(frames, bytes);
    expect(outstanding(attachment)).toEqual([3, 12]);
  });

  it('does not take back more than is out, in frames or in bytes, and then takes none of it', () => {
    const attachment = handed(2, 9);
    const runs = [[framesOf(['a', 'b']), framesOf(['c'])], [framesOf(['123456789'])]];
    expect(runs.map((run) => attachment.noteReturned(run))).toEqual([false, false]);
    expect([outstanding(attachment), attachment.returned]).toEqual([[2, 9], []]);
  });

  it('counts what is returned as not to be written', () => {
    const attachment = handed(2, 8);
    attachment.noteReturned([framesOf(['one'])]);
    attachment.noteWritten(2, 8);
    expect(outstanding(attachment)).toEqual([1, 4]);
  });

  it('runs on past 2^31', () => {
    const edge = 2 ** 31 - 2;
    const progress = {
      handedFrames: edge,
      handedBytes: edge,
      writtenFrames: edge,
      writtenBytes: edge,
      handedNumber: edge,
      writtenNumber: edge,
    };
    const attachment = handed(5, 20, progress);
    expect(outstanding(attachment)).toEqual([5, 20]);
    attachment.noteWritten((edge + 4) | 0, (edge + 16) | 0);
    expect(outstanding(attachment)).toEqual([1, 4]);
  });
});
