/** The health check shows that a message to itself comes back, and leaves nothing behind. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { freePort } from '../../helpers/free-port.ts';
import { TestProcess } from '../../helpers/programs/process.ts';
import { until } from '../../helpers/until.ts';

it('the health check ends with 0 when its message has come back, and nothing of it is left', async () => {
  await using broker = await startBroker();
  const bystander = await broker.peer('bystander');
  await using health = new TestProcess('src/tools/cli/health.ts', [], { PORT: String(broker.port) });
  expect(await health.exitCode()).toBe(0);
  expect(health.stdout).toMatch(new RegExp(`^healthy: 127.0.0.1:${broker.port} answered in \\d+ ms\n$`));
  await until(() => broker.broker.view.sessions().length === 1, 'the health check to be gone');
  await broker.broker.flushed();
  expect(await broker.broker.view.stats()).toMatchObject({ names: 1, heldMessages: 0 });
  expect(bystander.received).toBe('');
});

it('the health check ends with 1 and says why when there is no broker', async () => {
  const broker = await startBroker();
  const { port } = broker;
  await broker[Symbol.asyncDispose]();
  await using health = new TestProcess('src/tools/cli/health.ts', [], { PORT: String(port) });
  expect(await health.exitCode()).toBe(1);
  expect(health.stderr).toMatch(new RegExp(`^unhealthy: 127.0.0.1:${port} is not reachable: .+\n$`));
});

/** A server that welcomes as a broker does, and then answers each line with `answer`. */
async function greeting(answer: (name: string) => string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const [name = ''] = data.toString().split('\n');
      socket.end(`* you are ${name}\n* welcome\n${answer(name)}`);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

it.each([
  ['looks past what the broker says of its own', (name: string) => `from ${name}: ping\n`, 0, /^healthy: .+\n$/],
  ['takes nothing else for an answer', () => 'hello\n', 1, /^unhealthy: \S+ said something else: hello\n$/],
  ['takes no greeting for an answer', () => '', 1, /^unhealthy: \S+ ended the session: \* you are ~health/],
])('%s', async (_title, answer, code, says) => {
  const server = await greeting(answer);
  const { port } = server.address() as AddressInfo;
  await using health = new TestProcess('src/tools/cli/health.ts', [], { PORT: String(port) });
  expect(await health.exitCode()).toBe(code);
  expect(health.stdout + health.stderr).toMatch(says);
  server.close();
});

it('the health check ends in time though it is told something all the time, and no answer', async () => {
  const server = createServer((socket) => {
    const talk = setInterval(() => socket.write('* not yet\n'), 100);
    socket.on('error', () => undefined);
    socket.on('close', () => clearInterval(talk));
    socket.resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await using health = new TestProcess('src/tools/cli/health.ts', [], { PORT: String(port) });
  expect(await health.exitCode()).toBe(1);
  expect(health.stderr).toBe(`unhealthy: 127.0.0.1:${port} did not answer within 3000 ms\n`);
  server.close();
});

it('the health check reads no more than a line of what is no answer', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('x'.repeat(5_000));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await using health = new TestProcess('src/tools/cli/health.ts', [], { PORT: String(port) });
  expect(await health.exitCode()).toBe(1);
  expect(health.stderr).toBe(`unhealthy: 127.0.0.1:${port} said something else: a line of more than 4096 characters\n`);
  server.close();
});

it('the health check has a help, and refuses an unknown option', async () => {
  await using help = new TestProcess('src/tools/cli/health.ts', ['--help'], {});
  expect(await help.exitCode()).toBe(0);
  expect(help.stdout).toContain('Usage: npm run health');
  await using wrong = new TestProcess('src/tools/cli/health.ts', ['--verbose'], {});
  expect(await wrong.exitCode()).toBe(2);
  expect(wrong.stderr).toContain('--verbose');
  await using setting = new TestProcess('src/tools/cli/health.ts', [], { PORT: 'http' });
  expect(await setting.exitCode()).toBe(2);
});

it('the health check asks whether the broker is ready, and says why it is not', async () => {
  await using broker = await startBroker({ SHARDS: 1, MAX_CONNECTIONS: 1, HTTP_PORT: 0 });
  const { port } = new URL(broker.broker.httpUrl ?? '');
  await using ready = new TestProcess('src/tools/cli/health.ts', ['--ready'], { HTTP_PORT: port });
  expect(await ready.exitCode()).toBe(0);
  expect(ready.stdout).toMatch(new RegExp(`^healthy: 127.0.0.1:${port} answered in \\d+ ms\n$`));
  await broker.peer('alice');
  await using full = new TestProcess('src/tools/cli/health.ts', ['--ready'], { HTTP_PORT: port });
  expect(await full.exitCode()).toBe(1);
  expect(full.stderr).toMatch(new RegExp(`^unhealthy: 127.0.0.1:${port} answered 503: not ready: connections: .+\n$`));
});

it('the health check that asks so sends a message where HTTP is off, and says when nobody is there', async () => {
  await using broker = await startBroker({ SHARDS: 1 });
  const settings = { PORT: String(broker.port), HTTP_PORT: 'off' };
  await using off = new TestProcess('src/tools/cli/health.ts', ['--ready'], settings);
  expect(await off.exitCode()).toBe(0);
  expect(off.stdout).toContain(`127.0.0.1:${broker.port} answered`);
  const port = String(await freePort());
  await using nobody = new TestProcess('src/tools/cli/health.ts', ['--ready'], { HTTP_PORT: port });
  expect(await nobody.exitCode()).toBe(1);
  expect(nobody.stderr).toMatch(new RegExp(`^unhealthy: 127.0.0.1:${port} is not reachable: .*ECONNREFUSED`));
});
