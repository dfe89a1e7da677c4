/** A connection of a program in this process, as its session and the program see it. */
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { InProcessTransport } from '../../../src/transport/in-process.ts';

function pair() {
  const events: string[] = [];
  const peer = { address: undefined, port: undefined, text: 'http', secure: false };
  const transport = new InProcessTransport(peer, {
    take: (lines) => void events.push(`took ${Buffer.from(lines)}`),
    closed: () => void events.push('program closed'),
  });
  const sink = {
    read: (bytes: Buffer, length: number) => {
      events.push(`read ${bytes.toString('utf8', 0, length)}`);
      if (bytes.includes('wait')) transport.pause();
    },
    end: (reset: boolean) => void events.push(`end ${reset}`),
    fail: () => undefined,
    closed: () => void events.push('closed'),
  };
  return { transport, sink, events };
}

it('what is said comes in its order, in a later turn, and not while the session reads nothing', async () => {
  const { transport, sink, events } = pair();
  transport.say('one');
  transport.start(sink);
  transport.say('wait');
  transport.say('two');
  transport.hangUp();
  expect(events).toEqual([]);
  await setImmediate();
  await setImmediate();
  expect([events, transport.paused]).toEqual([['read one', 'read wait'], true]);
  transport.resume();
  await setImmediate();
  await setImmediate();
  expect(events.slice(2)).toEqual(['read two', 'end false']);
  expect(transport.readBytes).toBe('onewaittwo'.length);
});

it('what is written is taken at once, until the end, of which both sides are told once', async () => {
  const { transport, sink, events } = pair();
  transport.start(sink);
  transport.outlet.write(Buffer.from('a'), () => events.push('done'));
  expect([events, transport.outlet.writableLength, transport.takenBytes]).toEqual([['took a'], 0, 1]);
  transport.end();
  transport.destroy();
  transport.say('late');
  transport.outlet.write(Buffer.from('b'), () => events.push('done'));
  expect(transport.outlet.destroyed).toBe(true);
  await transport.closed;
  await setImmediate();
  expect(events).toEqual(['took a', 'closed', 'program closed']);
});
