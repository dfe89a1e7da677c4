/** Many programs with full windows that are cut at once: memory stays bounded, and all comes again, in order. */
import { expect, it } from 'vitest';
import { AS_STARTED, FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';

const NAMES = Array.from({ length: fastOrLong(100, 1_000) }, (_, i) => `p${i}`);
const WINDOW = 32;
/** More than the windows have room for, so that mail waits behind them. */
const ROUNDS = 40;
const BODY_BYTES = fastOrLong(500, 1_000);
/** What the crowd may cost beside its messages, each of which may be there several times on its way. */
const GROWN_MIB = fastOrLong(150, 400);
const AT_A_TIME = 50;
/** Limits from which a bound of memory follows that is near to what is needed. */
const SETTINGS = { ...AS_STARTED, SHARDS: '1', MAX_CONNECTIONS: '2100', MAX_NAMES: '2000', HELD_MAX_BYTES: '256MiB' };

/** Lets all names come, and acknowledge nothing. */
async function crowd(broker: FaultBroker): Promise<ProgramPeer[]> {
  const programs: ProgramPeer[] = [];
  for (let from = 0; from < NAMES.length; from += AT_A_TIME) {
    const some = NAMES.slice(from, from + AT_A_TIME).map((name) => ProgramPeer.hello(broker, { name, window: WINDOW }));
    programs.push(...(await Promise.all(some)));
  }
  return programs;
}

/** The most memory that the broker says it can take. */
function boundIn(log: string): number {
  const [, size, unit] = /memory is bound to ([\d.]+) (MiB|GiB)/.exec(log) ?? [];
  return Number(size) * (unit === 'GiB' ? 1024 : 1);
}

const roundsOf = (program: ProgramPeer) => program.bodies.map((body) => Number(String(body).split(' ')[0]));

it(`${NAMES.length} programs that are cut with full windows cost a bounded memory, and get all again, in order`, {
  timeout: paced(300_000),
}, async () => {
  using folder = temporaryFolder();
  await using broker = await FaultBroker.start(folder.path, SETTINGS);
  const boundMiB = boundIn(broker.process.stdout);
  const first = await crowd(broker);
  const beforeMiB = broker.residentMiB;
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  for (let round = 0; round < ROUNDS; round++) {
    ann.say({ type: 'send', id: `${round}`, to: NAMES, body: `${round} ${'x'.repeat(BODY_BYTES)}` });
  }
  for (const program of first) await program.got('message', WINDOW);
  await ann.got('accepted', ROUNDS);
  const fullMiB = broker.residentMiB;
  for (const program of first) program.peer.reset();
  // The names are free when the broker has noticed, and those that come meanwhile wait.
  const second = await crowd(broker);
  let peakMiB = fullMiB;
  for (const program of second) {
    await program.got('welcome');
    await program.got('message', WINDOW);
    peakMiB = Math.max(peakMiB, broker.residentMiB);
  }
  const expected = Array.from({ length: ROUNDS }, (_, round) => round);
  for (const [at, program] of second.entries()) {
    expect(roundsOf(program), NAMES[at]).toEqual(expected.slice(0, WINDOW));
    const marks = program.of('message').map(({ redelivered }) => redelivered);
    expect(marks, NAMES[at]).toEqual(Array(WINDOW).fill(true));
    program.say({ type: 'ack', seq: program.of('message').at(-1)?.seq });
  }
  for (const [at, program] of second.entries()) {
    await until(() => program.of('message').length === ROUNDS, `the rest of ${NAMES[at]}`);
    expect(roundsOf(program), NAMES[at]).toEqual(expected);
  }
  const figures = JSON.stringify({ boundMiB, beforeMiB, fullMiB, peakMiB });
  expect(peakMiB, figures).toBeLessThan(boundMiB);
  expect(peakMiB - beforeMiB, figures).toBeLessThan(GROWN_MIB);
  for (const program of [...second, ann]) program.peer.destroy();
});
