/** Secrets are planted in every way in, and looked for wherever a broker says or keeps anything. */
import { SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { storedPassword } from '../../../src/session/auth/accounts/password.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { WebClient } from '../../helpers/programs/web-client.ts';
import { AuthBroker, tokenOf } from './accounts.ts';
import { partsOf, textOfFolder } from './planted.ts';

const JWT_SECRET = 'Zq7vX0pLw3Kd9TyBn5Rf2HcGm8Js4UeAo6Wi1';
const RIGHT = 'k3Pz8QvTy6Lm1XwRb9Nd';
const WRONG = 'h5Fg2JsUe7Ao4WiKc0Vx';
const [good, stored] = tokenOf(['bob']);
const [bad] = tokenOf(['bob']);
const SECRETS = [JWT_SECRET, RIGHT, WRONG, good, bad];

it('no secret is in a log at its finest level, an error, a notice, a metric, a view, or the folder', async () => {
  const jwt = await new SignJWT({ sub: 'bob', exp: Math.floor(Date.now() / 1000) + 60 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(JWT_SECRET));
  const account = { name: 'bob', password: storedPassword(Buffer.from(RIGHT)), created: 0 };
  await using it_ = await AuthBroker.start(
    { accounts: [account], tokens: [stored] },
    { AUTH_JWT_SECRET: JWT_SECRET, LOG_LEVEL: 'trace' },
  );
  const { up } = it_;
  const said: string[] = [];
  for (const proof of [RIGHT, WRONG, good, bad, jwt, `${WRONG}: to somebody`]) {
    const peer = await up.connect();
    peer.send(`bob\n${proof}\nbob: hi\n`).end();
    await peer.gone();
    said.push(peer.received);
  }
  for (const hello of [
    { token: good },
    { password: RIGHT },
    { token: bad },
    { password: WRONG },
    { token: bad, password: WRONG },
    { token: [WRONG] },
  ]) {
    const program = await ProgramPeer.hello(up, { name: 'bob', ...hello });
    said.push(program.peer.received);
    program.peer.destroy();
    using client = await WebClient.hello(up, { name: 'bob', ...hello });
    said.push(JSON.stringify(client.told));
  }
  // A hello that is no JSON, of which the parser would quote a part; and first lines that are no names.
  for (const broken of [
    `{"type":"hello","token":"${good}",,`,
    `{"password":"${WRONG}" ${RIGHT}`,
    `{"v":1,"${WRONG}`,
    `{"v":1,"password":${WRONG}}`,
    `{"type":"${WRONG}"}`,
    good,
    `bob:${WRONG}`,
    `bob\t${RIGHT}`,
  ]) {
    const peer = await up.connect();
    peer.send(`${broken}\n`);
    await peer.gone();
    said.push(peer.received);
  }
  const metrics = await (await fetch(`http://127.0.0.1:${up.web.port}/metrics`)).text();
  const { view } = up.broker;
  const views = JSON.stringify([view.sessions(), view.health(), await view.stats(), await view.figures()]);
  await up.broker.view.drain();
  const places = { log: it_.log.join(''), said: said.join(''), metrics, views, folder: textOfFolder(it_.dataDir) };
  expect(places.log).toContain('AUTH_FAILED');
  expect(places.folder).toContain('$scrypt$');
  expect(metrics).toMatch(/restante_logins_total\{result="password"\} [1-9]/);
  const parts = [...SECRETS, jwt].flatMap(partsOf);
  for (const [place, text] of Object.entries(places)) {
    expect([place, parts.filter((part) => text.includes(part))]).toEqual([place, []]);
  }
});
