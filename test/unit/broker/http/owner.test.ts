/** How many questions about mail owners may have open, on a broker on paper. */
import { expect, it } from 'vitest';
import type { MailAnswer } from '../../../../src/broker/admin/admin-view.ts';
import { MAX_OF_NAME, MAX_OF_OWNERS, ownersOf } from '../../../../src/http/admin/owner.ts';
import { adminRoutes } from '../../../../src/http/admin/routes.ts';
import { Token } from '../../../../src/http/admin/token.ts';
import { Problem } from '../../../../src/http/problems.ts';
import { MAX_OPEN_STEPS } from '../../../../workers/mailbox/asked/store-steps.ts';
import { paperAdmin } from './paper.ts';

const OPERATOR = 'the-token-of-the-operator';

/** Everybody proves every name. Answers come when a test says so. */
function bench() {
  const open: ((answer: MailAnswer) => void)[] = [];
  const view = paperAdmin({ mail: () => new Promise((resolve) => open.push(resolve)) });
  const owners = ownersOf({
    settings: { current: { AUTH: 'required' } },
    authenticator: { authenticate: () => ({ admitted: true, proven: true }) },
    proxies: { has: () => false },
  });
  const app = adminRoutes(view, new Token(OPERATOR), owners);
  app.onError((error, context) => {
    if (error instanceof Problem) return error.answer(context);
    throw error;
  });
  const ask = (name: string, token = 'a-proof') =>
    app.request(`/names/${name}/mail`, { headers: { authorization: `Bearer ${token}` } });
  const asked = async (count: number) => expect.poll(() => open.length).toBe(count);
  const answer = () => {
    for (const each of open.splice(0)) each({ state: 'mail', messages: [], more: false, inHands: 0 });
  };
  return { ask, asked, answer };
}

it('the owner of a name has some open at a time, and the next when they are answered', async () => {
  const { ask, asked, answer } = bench();
  for (let round = 0; round < 3; round++) {
    const first = Array.from({ length: MAX_OF_NAME }, () => ask('bob'));
    await asked(MAX_OF_NAME);
    const more = await ask('bob');
    expect([more.status, more.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await more.json()).toMatchObject({ code: 'SHARD_BUSY' });
    answer();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual(first.map(() => 200));
  }
});

it('all owners together leave room in a shard for the operator', async () => {
  const { ask, asked, answer } = bench();
  const owners = Array.from({ length: MAX_OF_OWNERS }, (_, i) => ask(`bob-${i}`));
  await asked(MAX_OF_OWNERS);
  expect((await ask('eve')).status).toBe(503);
  const operator = Array.from({ length: MAX_OPEN_STEPS - MAX_OF_OWNERS }, () => ask('bob', OPERATOR));
  await asked(MAX_OPEN_STEPS);
  answer();
  const statuses = (await Promise.all([...owners, ...operator])).map(({ status }) => status);
  expect(statuses).toEqual(Array.from({ length: MAX_OPEN_STEPS }, () => 200));
});
