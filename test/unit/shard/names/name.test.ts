import { describe, expect, it } from 'vitest';
import { Attachment } from '../../../../workers/names/attachment.ts';
import { Name, type Owned } from '../../../../workers/names/name.ts';
import { framesOf } from '../../../helpers/unit/frames.ts';
import { NO_PROGRESS } from '../../../helpers/unit/shard/bench.ts';

/** A name whose holder before was handed three frames, has written one, and has given one back. */
function unsettled(text: string): Name {
  const name = new Name(Buffer.from(text), 0, 1);
  const before = new Attachment(1, name, NO_PROGRESS, 1000);
  before.noteHanded(3, 12);
  before.noteWritten(1, 4);
  before.noteReturned([framesOf(['two'])]);
  const owned: Owned<'unsettled'> = name;
  owned.unsettled = before;
  return name;
}

describe('a name', () => {
  it('has all that its holder before has not written waiting for the next', () => {
    expect(unsettled('bob').waitingMessages).toBe(2);
  });

  it('has nothing waiting of it if it is not remembered: that is dropped', () => {
    expect(unsettled('~bob').waitingMessages).toBe(0);
  });

  it('is not remembered where nothing is held', () => {
    expect(new Name(Buffer.from('bob'), 0, 1, false).remembered).toBe(false);
  });
});
