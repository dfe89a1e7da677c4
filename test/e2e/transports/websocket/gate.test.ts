/** Which requests become a WebSocket. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../../helpers/broker.ts';
import { WebClient } from '../../../helpers/programs/web-client.ts';
import { upgradeRequest } from '../../../helpers/programs/web-frames.ts';
import { until } from '../../../helpers/until.ts';

const status = ({ answer = '' }: WebClient) => Number(answer.split(' ')[1]);
const PROTOCOL = 'Sec-WebSocket-Protocol';

describe('a request', () => {
  it('becomes a connection, or is refused for its path, its page, its name or its protocol', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    const requests: [request: string, status: number, protocol?: string][] = [
      [upgradeRequest(), 101],
      [upgradeRequest({}, '/v1/ws?page=1'), 101],
      [upgradeRequest({ [PROTOCOL]: 'restante.v1' }), 101, 'restante.v1'],
      [upgradeRequest({ [PROTOCOL]: 'other, restante.v1' }), 101, 'restante.v1'],
      [upgradeRequest({ Origin: 'http://127.0.0.1' }), 101],
      [upgradeRequest({ Host: 'broker.internal' }), 101],
      [upgradeRequest({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }), 101],
      [upgradeRequest({}, '/'), 404],
      [upgradeRequest({}, '/v1/ws/more'), 404],
      [upgradeRequest({ Origin: 'https://evil.example' }), 403],
      [upgradeRequest({ Origin: 'null' }), 403],
      [upgradeRequest({ Host: 'evil.example', Origin: 'http://evil.example' }), 403],
      [upgradeRequest({ [PROTOCOL]: 'restante.v2' }), 400],
      [upgradeRequest({ [PROTOCOL]: '' }), 400],
      [upgradeRequest({ Upgrade: 'h2c' }), 400],
      [upgradeRequest({ 'Sec-WebSocket-Key': 'short' }), 400],
      [upgradeRequest({ 'Sec-WebSocket-Version': '7' }), 400],
    ];
    for (const [request, expected, protocol] of requests) {
      using client = await WebClient.to(broker, request);
      expect([request, status(client)]).toEqual([request, expected]);
      expect(/protocol: (.*)/i.exec(client.answer ?? '')?.[1]).toBe(protocol);
      expect(client.answer).not.toContain('deflate');
      if (expected !== 101) await until(() => client.closed, 'its end');
    }
    await until(() => broker.broker.view.sessions().length === 0, 'all to have left');
  });

  it('beyond the limit of connections is told so, as one over TCP is', async () => {
    await using broker = await startBroker({ MAX_CONNECTIONS: 2, HOLD_SECONDS: 0 });
    using bob = await WebClient.hello(broker, { name: 'bob' });
    const ann = await broker.peer('ann');
    for (let i = 0; i < 20; i++) {
      using refused = await WebClient.to(broker);
      expect(await refused.got('bye')).toMatchObject([{ code: 'TOO_MANY_CONNECTIONS' }]);
      expect(await refused.gotClose()).toEqual([1013, 'TOO_MANY_CONNECTIONS']);
    }
    ann.send('bob: still here\n');
    expect(await bob.got('message')).toMatchObject([{ from: 'ann', body: 'still here' }]);
  });

  it('that comes while the broker stops is refused', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    const stopped = broker.broker.stop();
    using client = await WebClient.to(broker);
    expect(status(client)).toBe(503);
    await stopped;
  });
});
