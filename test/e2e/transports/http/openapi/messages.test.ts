/** What is served is what is described: a running broker is asked on every route, for every status. */
import { expect, it } from 'vitest';
import { PAGE_PATHS } from '../../../../../src/http/page/files.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient, EventStream } from '../messages/client.ts';
import { Checked, type Document } from './described.ts';

/** Makes a broker answer with every status that is no sign of its end. */
async function askAll({ http, broker }: Awaited<ReturnType<typeof brokerAndClient>>): Promise<void> {
  for (const path of ['/livez', '/readyz', '/metrics', '/v1/openapi.json']) await http.ask(path);
  for (const path of PAGE_PATHS) {
    const { headers } = await http.ask(path);
    await http.ask(path, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
  }
  await (await broker.peer('full')).leave();
  await until(() => broker.broker.view.sessions().length === 0, 'the name to be away');
  await http.post('full');
  await http.post('full');
  const alice = await broker.peer('alice');
  await http.post('nobody');
  await http.post('alice?ttl=0');
  await http.post('alice?from=alice');
  await http.post('alice', '"'.repeat(65_000));
  alice.send('bob: plain\n');
  await http.ask('/v1/mail/bob?limit=0');
  await http.ask('/v1/mail/alice');
  await http.ask('/v1/mail/bob');
  await http.post('bob?from=curl&id=1&re=2&ttl=60&durable=true', '{"any":["json"]}', {
    'content-type': 'application/json',
  });
  await http.mail('bob');
  const [message] = await http.mail('bob');
  await http.ack('bob', message?.seq);
  await http.ack('bob', 'x');
  await http.ack('bob', 2 ** 52);
  await http.ack('nobody', 1);
  await http.ask('/v1/mail/bob/ack', { method: 'POST', body: 'x'.repeat(65_537) });
}

it('every answer is as /v1/openapi.json says, and every status that it names is seen', async () => {
  await using all = await brokerAndClient({ MAILBOX_MAX_MESSAGES: 1, FAIR_RESERVE_PERCENT: 0 });
  const document = JSON.parse((await all.http.ask('/v1/openapi.json')).text) as Document;
  expect(document.openapi).toBe('3.1.0');
  const checked = new Checked(document);
  await askAll(all);
  {
    using stream = new EventStream(all.http, 'stream');
    const { headers } = await stream.opened;
    expect(document.paths['/v1/mail/{name}']?.get?.responses['200']?.content).toHaveProperty([
      headers.get('content-type') ?? '',
    ]);
  }
  checked.check(all.http);
  await using small = await brokerAndClient({ MAX_CONNECTIONS: 1 });
  const frozen = await small.broker.peer('frozen');
  frozen.freeze();
  await small.http.post('frozen');
  await small.http.ask('/v1/mail/bob');
  const stopped = small.broker.broker.stop();
  for (const path of ['/readyz', '/v1/mail/bob']) await small.http.ask(path);
  await small.http.post('frozen');
  frozen.destroy();
  await stopped;
  checked.check(small.http);
  await using closed = await brokerAndClient({ AUTH: 'names', AUTH_DEFAULT_SEND: 'team-*' });
  const wrong = { authorization: 'Bearer wrong' };
  await closed.http.post('bob');
  await closed.http.post('bob?from=eve', 'text', wrong);
  await closed.http.ask('/v1/mail/bob', { headers: wrong });
  await closed.http.mail('eve');
  // So many at a time are busy, wrong and too many.
  const ack = { method: 'POST', headers: wrong, body: '{"seq":1}' };
  await Promise.all(Array.from({ length: 40 }, () => closed.http.ask('/v1/mail/eve/ack', ack)));
  checked.check(closed.http);
  expect([...checked.seen].sort()).toEqual(checked.described(false).sort());
});
