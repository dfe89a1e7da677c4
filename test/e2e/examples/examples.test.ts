/** The examples that talk with people, look, ask and answer. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { filesIn } from '../../helpers/project.ts';
import { inTime } from '../../helpers/until.ts';
import { isHere } from '../restante/restante.ts';
import { Checkout, COMMANDS, urlOf } from './example.ts';

const checkout = new Checkout();
let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ SHARDS: 1 });
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  checkout[Symbol.dispose]();
});

it('the README has a command for every example', () => {
  const examples = filesIn('examples').map((file) => file.replace('examples/', ''));
  const programs = examples.filter((file) => file !== 'README.md' && !file.includes('/'));
  expect([...COMMANDS.keys()].sort()).toEqual(programs.sort());
});

it('the bot answers people, who need not stay for the answer', async () => {
  await using _ = checkout.start('bot.mjs', urlOf(broker));
  await isHere(broker, 'bot');
  const guest = await broker.peer('~guest');
  guest.send('bot: dice\n');
  guest.destroy();
  const alice = await broker.peer('alice');
  alice.send('bot: dice\nbot: hello\n');
  await alice.got('from bot: I only know: dice\n');
  expect(alice.mail).toMatch(/^from bot: a [1-6]\nfrom bot: I only know: dice\n$/);
});

it('presence says who is here, and then each change', async () => {
  const carol = await broker.peer('carol');
  await using presence = checkout.start('presence.mjs', urlOf(broker), ['carol', 'bob']);
  await presence.said('carol is here\n');
  await presence.said('bob is away\n');
  await broker.peer('bob');
  await presence.said('bob is here\n');
  await carol.leave();
  await presence.said('carol is away\n');
});

it('a request gets its reply, and the one who answers goes on', async () => {
  await using _ = checkout.start('answer.mjs', urlOf(broker));
  await isHere(broker, 'adder');
  for (const numbers of [
    ['1', '2', '3'],
    ['20', '22'],
  ]) {
    await using ask = checkout.start('ask.mjs', urlOf(broker), numbers);
    expect([await inTime(ask.ended(), 'the reply'), ask.stderr]).toEqual([0, '']);
    await ask.said(`${numbers.reduce((sum, n) => sum + Number(n), 0)}\n`);
  }
});
