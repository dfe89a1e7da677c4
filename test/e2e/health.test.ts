/** The health check proves that a message goes round, and leaves nothing behind. */
import { expect, it } from 'vitest';
import { startBroker } from '../helpers/broker.ts';
import { TestProcess } from '../helpers/process.ts';
import { until } from '../helpers/until.ts';

it('ends with 0 when its message has come round, and nothing of it is left', async () => {
  await using broker = await startBroker();
  const bystander = await broker.peer('bystander');
  await using health = new TestProcess('src/health.ts', [], { PORT: String(broker.port) });
  expect(await health.exitCode()).toBe(0);
  await until(() => broker.broker.connections === 1, 'the health check to be gone');
  await broker.broker.flushed();
  const stats = await broker.broker.stats();
  expect(stats.reduce((sum, shard) => sum + (shard?.names ?? 0), 0)).toBe(1);
  expect(stats.reduce((sum, shard) => sum + (shard?.heldMessages ?? 0), 0)).toBe(0);
  expect(bystander.received).toBe('');
});

it('ends with 1 and says why when there is no broker', async () => {
  const broker = await startBroker();
  const { port } = broker;
  await broker[Symbol.asyncDispose]();
  await using health = new TestProcess('src/health.ts', [], { PORT: String(port) });
  expect(await health.exitCode()).toBe(1);
  expect(health.stderr).toMatch(new RegExp(`^unhealthy: 127.0.0.1:${port} is not reachable: .+\n$`));
});
