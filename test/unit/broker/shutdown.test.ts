/** How a broker stops, in parts on paper: what is lost at a stop is said. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type Running, shutDown } from '../../../src/broker/shutdown.ts';

const DRAIN_MS = 200;
const log = pino({ level: 'silent' });

/** A broker with nobody connected, and what it was told in turn. */
function broker(changes: Partial<Running['shards']>, hasUnrouted: () => boolean): { running: Running; told: string[] } {
  const told: string[] = [];
  const running: Running = {
    listener: { close: () => void told.push('close'), abandonRefused: () => void told.push('abandon refused') },
    open: new Map(),
    shards: {
      flushed: async () => ({ waiting: 0, storing: false }),
      drain: async () => [],
      destroy: async () => void told.push('destroy'),
      ...changes,
    },
    guard: { close: async (how) => void told.push(`store closed ${how}`) },
    http: { close: async () => void told.push('close HTTP') },
    hasUnrouted,
  };
  return { running, told };
}

const never = () => new Promise<never>(() => undefined);

describe('a stop', () => {
  it('goes through its stages in order', async () => {
    const { running, told } = broker({}, () => false);
    await shutDown(running, DRAIN_MS, log);
    expect(told).toEqual(['close', 'abandon refused', 'close HTTP', 'destroy', 'store closed in order']);
  });

  it('fails where lines that were read are not routed in time, with the store in order all the same', async () => {
    const { running, told } = broker({}, () => true);
    await expect(shutDown(running, DRAIN_MS, log)).rejects.toThrow('not all lines that were read could be routed');
    expect(told.at(-1)).toBe('store closed in order');
  });

  it('fails where lines wait for a shard to say whose the name is', async () => {
    const { running } = broker({ flushed: never }, () => false);
    const session = {
      standing: 'asked',
      hasGatedLines: true,
      whenLeft: Promise.resolve(),
      quiesce: () => undefined,
      notice: () => undefined,
      end: () => undefined,
      abandon: () => undefined,
    } as const;
    const open = new Map([[session, { closed: Promise.resolve() }]]);
    await expect(shutDown({ ...running, open }, DRAIN_MS, log)).rejects.toThrow('could be routed');
  });

  it('does not fail because shards are slow to answer, if no line waits', async () => {
    const { running } = broker({ flushed: never }, () => false);
    await shutDown(running, DRAIN_MS, log);
  });

  it('fails where shards do not drain in time', async () => {
    const { running, told } = broker({ drain: never }, () => false);
    await expect(shutDown(running, DRAIN_MS, log)).rejects.toThrow('shards did not drain in time');
    expect(told.at(-1)).toBe('store closed broken off');
  });
});
