/** HTTP on a broker that runs: when it is ready, and what it says while the broker ends. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../../helpers/broker.ts';
import { numbered } from '../../../helpers/mail.ts';
import { RawClient } from '../../../helpers/programs/raw-client.ts';
import { until } from '../../../helpers/until.ts';
import { whileDown } from './down.ts';

const HTTP = { HTTP_PORT: 0 };

const urlOf = ({ broker }: { readonly broker: { readonly httpUrl: string | undefined } }) => broker.httpUrl ?? '';

describe('a broker with HTTP', () => {
  it('is ready but while a shard is down, and not from its stop on', async () => {
    await using broker = await startBroker({ SHARDS: 2, MAILBOX_MAX_BYTES: '1MiB', ...HTTP });
    const url = urlOf(broker);
    const readyz = async () => {
      const answer = await fetch(`${url}/readyz`);
      return [answer.status, ((await answer.json()) as { detail?: string }).detail];
    };
    expect(await readyz()).toEqual([200, undefined]);
    await whileDown(broker, async () => {
      const [status, detail] = await readyz();
      if (status === 503) expect(detail).toBe('not ready: shards: down: 0');
      return status === 503;
    });
    await until(() => broker.broker.view.ready(), 'the shard to be there again');
    expect(await readyz()).toEqual([200, undefined]);
    // The stop waits for a writer whose peer does not read.
    const frozen = await broker.peer('frozen');
    frozen.freeze();
    const alice = await broker.peer('alice');
    alice.send(numbered('frozen', 0, 400, 50_000));
    await alice.got('* the mailbox of frozen is full: mail is refused\n');
    const stopped = broker.broker.stop();
    expect(await readyz()).toEqual([503, 'not ready: listener: the broker is stopping']);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    frozen.destroy();
    await stopped;
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  it('that is full says so', async () => {
    await using broker = await startBroker({ SHARDS: 1, MAX_CONNECTIONS: 1, ...HTTP });
    await broker.peer('alice');
    const answer = await fetch(`${urlOf(broker)}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('more are refused')]);
  });

  it('does not start where the port is taken, and says what to do', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const says = new RegExp(`^HTTP_PORT ${port} on 127\\.0\\.0\\.1 is taken: .*HTTP_PORT=\\d+, or HTTP_PORT=off$`);
    await expect(startBroker({ SHARDS: 1, HTTP_PORT: port })).rejects.toThrow(says);
    taken.close();
  });

  it('is not heard of where it is off', async () => {
    await using broker = await startBroker({ SHARDS: 1, HTTP_PORT: 'off' });
    expect(broker.broker.httpUrl).toBeUndefined();
  });

  it('ends in time with clients that are in the middle of a request', async () => {
    const broker = await startBroker({ SHARDS: 1, ...HTTP });
    using slow = new RawClient(urlOf(broker)).write('GET /livez HTTP/1.1\r\nHost: loc');
    using silent = new RawClient(urlOf(broker));
    // Both are accepted before this one.
    expect((await fetch(`${urlOf(broker)}/livez`)).ok).toBe(true);
    await broker[Symbol.asyncDispose]();
    await until(() => slow.closed && silent.closed, 'both to be closed');
  });
});
