/** A token that somebody has stolen, over every way in: once it is revoked it is worth nothing, nor is the session. */
import { expect, it } from 'vitest';
import type { TestBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { WebClient } from '../../helpers/programs/web-client.ts';
import { until } from '../../helpers/until.ts';
import { HttpClient } from '../transports/http/messages/client.ts';
import { AuthBroker, LOGINS, tokenOf } from './accounts.ts';

const [stolen, storedStolen] = tokenOf(['bob']);
const [other, storedOther] = tokenOf(['bob']);

/** Comes in as bob, and stays. @returns what waits until the thief is sent away */
type Stay = (up: TestBroker) => Promise<() => Promise<unknown>>;

const plain: Stay = async (up) => {
  const thief = await up.connect();
  thief.send(`bob\n${stolen}\n`);
  await thief.got('* you are bob');
  return async () => {
    await thief.got('* what you have proved is not valid any more\n');
    await thief.leave();
  };
};

const tcp: Stay = async (up) => {
  const thief = await ProgramPeer.hello(up, { name: 'bob', token: stolen });
  await thief.got('welcome');
  return async () => {
    expect(await thief.got('bye')).toMatchObject([{ code: 'AUTH_WITHDRAWN' }]);
    await thief.peer.leave();
  };
};

const ws: Stay = async (up) => {
  const thief = await WebClient.hello(up, { name: 'bob', token: stolen });
  await thief.got('welcome');
  return async () => {
    expect(await thief.got('bye')).toMatchObject([{ code: 'AUTH_WITHDRAWN' }]);
    await until(() => thief.closed, 'the WebSocket to be closed');
  };
};

/** It asks for mail, and waits for it. */
const http: Stay = async ({ broker }) => {
  const authorization = `Bearer ${stolen}`;
  const asked = new HttpClient(broker.httpUrl).ask('/v1/mail/bob?wait=30', { headers: { authorization } });
  await until(() => broker.view.sessions().some(({ standing }) => standing === 'receiving'), 'the thief to be in');
  return async () => expect((await asked).text).not.toContain('"from"');
};

const STAYS: Readonly<Record<string, Stay>> = { plain, 'JSON over TCP': tcp, WebSocket: ws, HTTP: http };

it.each(LOGINS)(
  'a stolen token that is revoked sends the thief away over %s, and lets nobody in',
  async (way, login) => {
    await using it_ = await AuthBroker.start({ tokens: [storedStolen, storedOther] });
    const { up } = it_;
    const isSentAway = await STAYS[way]?.(up);
    await it_.change({ tokens: [storedOther] });
    await isSentAway?.();
    await until(() => up.broker.view.sessions().length === 0, 'nothing of the thief to be left');
    expect(await login(up, 'bob', stolen)).toBe('AUTH_FAILED');
    expect(await login(up, 'bob', other)).toBe('in');
  },
);
