/** The verdict of the swarm on a broker that loses a message of a program, or repeats one. */
import { expect, it } from 'vitest';
import { paced } from '../../helpers/pace/pace.ts';
import { startBrokerProcess, TestProcess } from '../../helpers/programs/process.ts';
import { LyingRelay } from './lying-relay.ts';

const SWARM = ['--clients', '20', '--programs', '0.5', '--rate', '40', '--churn', '0.3', '--seed', '7', '--json'];
const SECONDS = String(paced(3));

it.each([
  ['lose', { lost: 1, repeated: 0, failure: '1 lost' }],
  ['repeat', { lost: 0, repeated: 1, failure: '1 repeated' }],
] as const)('the swarm sees a broker %s one message', async (lie, verdict) => {
  const { broker, port } = await startBrokerProcess();
  await using _ = broker;
  await using relay = await LyingRelay.start(lie, port);
  const args = [...SWARM, '--seconds', SECONDS, '--port', String(relay.port)];
  await using swarm = new TestProcess('src/tools/swarm/main.ts', args, {});
  expect(await swarm.exitCode()).toBe(1);
  expect(JSON.parse(swarm.stdout)).toMatchObject({ ok: false, disordered: 0, violations: 0, ...verdict });
});
