/** The bench of the command line, as a user runs it against a broker. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { Relay } from '../../helpers/programs/relay.ts';
import { until } from '../../helpers/until.ts';
import { isGone, ran, restante } from './restante.ts';

const SMALL = ['bench', '--pairs', '2', '--in-flight', '4', '--json'];
/** So much is said by clients that have sent for a while. */
const WHILE_BYTES = 50_000;

const portOf = ({ url }: Relay) => ({ port: Number(new URL(url).port) });

/** Starts one that would take long, through a relay. Resolves when it is under way. */
async function underWay(relay: Relay) {
  const program = restante(portOf(relay), [...SMALL, '--seconds', '600']);
  await until(
    () => relay.said.length > WHILE_BYTES || !program.running,
    () => `messages, got ${relay.said.length} bytes and ${program.stderr}`,
  );
  return program;
}

const objects = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('bench', () => {
  it.each([
    ['live', [], undefined],
    ['durable', ['--durable'], 600],
  ])('(%s) has every message worked off, and leaves nothing behind', async (_what, more, ttl) => {
    await using broker = await startBroker();
    await using relay = await Relay.to(broker.port);
    const bob = await broker.peer('bob');
    const { code, stdout, stderr } = await ran(portOf(relay), [...SMALL, '--seconds', '0.3', ...more]);
    expect([code, stderr]).toEqual([0, '']);
    const [report, ...others] = objects(stdout);
    expect(others).toEqual([]);
    const accepted = Number(report?.accepted);
    expect(report).toMatchObject({
      type: 'bench',
      pairs: 2,
      durable: more.length > 0,
      workedOff: accepted,
      refused: 0,
      repeated: 0,
      unfinished: 0,
      processorSeconds: expect.any(Number),
    });
    expect(accepted).toBeGreaterThanOrEqual(8);
    for (const spread of [report?.toAcceptedMs, report?.toWorkedOffMs]) {
      const times = Object.values(spread as Readonly<Record<string, number>>);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      expect(times[0]).toBeGreaterThan(0);
    }
    // What a bench that is killed leaves behind ends by itself.
    expect(new Set(relay.saidOf('send').map((each) => each.ttl))).toEqual(new Set([ttl]));
    await isGone(broker, 1);
    expect(await broker.held()).toBe(0);
    expect(bob.mail).toBe('');
  });

  it('is ended by Ctrl-C with the figures so far', async () => {
    await using broker = await startBroker();
    await using relay = await Relay.to(broker.port);
    await using program = await underWay(relay);
    program.signal('SIGINT');
    expect([await program.ended(), program.stderr]).toEqual([130, 'restante: interrupted\n']);
    expect(objects(program.stdout)).toMatchObject([{ type: 'bench', refused: 0, repeated: 0 }]);
    await isGone(broker, 0);
  });

  it('is ended by a broker that goes away, with the figures so far and what has happened', async () => {
    await using broker = await startBroker();
    await using relay = await Relay.to(broker.port);
    await using program = await underWay(relay);
    relay.cut();
    expect([await program.ended(), program.stderr]).toEqual([1, '']);
    const [report, error, ...others] = objects(program.stdout);
    expect([report?.type, error?.type, error?.code, others]).toEqual(['bench', 'error', 'CONNECTION_LOST', []]);
    expect(report?.accepted).toBeGreaterThan(0);
    await isGone(broker, 0);
  });

  it('of messages that are refused says why, and has no figures', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    const { code, stdout } = await ran(broker, [...SMALL, '--durable']);
    expect(code).toBe(1);
    expect(objects(stdout)).toMatchObject([{ type: 'error', code: 'unstored' }]);
  });

  it('of no broker ends at once', async () => {
    const { code, stdout, stderr } = await ran({ port: 9 }, ['bench']);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining('no broker answers')]);
  });
});
