import { expect, it } from 'vitest';
import { WaitingNotices } from '../../../../src/session/writer/waiting-notices.ts';

it('who waits until no notice waits is called when those that waited are taken, and only then', () => {
  const notices = new WaitingNotices();
  let taken = 0;
  notices.whenTaken = () => {
    expect(notices.bytes).toBe(0);
    taken++;
  };
  notices.take();
  notices.add(Buffer.from('a'));
  expect(taken).toBe(0);
  expect([notices.take(), taken]).toEqual([Buffer.from('a'), 1]);
});
