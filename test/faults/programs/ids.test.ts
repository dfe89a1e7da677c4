/** Many different ids, and long ones: each is answered once, and is known again as long as there is room for it. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';

/** So many names may be without an outcome, and so many ids are remembered here. */
const IDS = 10_000;
const LONGEST_BYTES = 128;

const idOf = (number: number) => `m-${number}`;
const numbers = Array.from({ length: IDS }, (_, number) => number);

/** Sends messages to a name that is away. @returns the ids of those that were repeats, in order of the answers */
async function repeats(program: ProgramPeer, ids: readonly string[]): Promise<unknown[]> {
  const before = program.of('accepted').length;
  for (let from = 0; from < ids.length; from += 1_000) {
    program.say(...ids.slice(from, from + 1_000).map((id) => ({ type: 'send', id, to: 'away', body: 1 })));
  }
  const answers = (await program.got('accepted', before + ids.length)).slice(before);
  expect(new Set(answers.map(({ to }) => JSON.stringify(to)))).toEqual(new Set(['{"away":"held"}']));
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(ids));
  return answers.filter(({ duplicate }) => duplicate).map(({ id }) => id);
}

it(`${IDS} ids without an outcome are answered once each, and are remembered, up to DEDUPE_MAX`, async () => {
  await using broker = await startBroker({ SHARDS: 1, DEDUPE_MAX: IDS, MAILBOX_MAX_MESSAGES: 'unlimited' });
  await (await broker.peer('away')).leave();
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const ids = numbers.map(idOf);
  expect(await repeats(ann, ids)).toEqual([]);
  expect((await repeats(ann, ids)).length).toBe(IDS);
  // One more: the oldest is forgotten for it, and no other.
  expect(await repeats(ann, ['one more'])).toEqual([]);
  expect(await repeats(ann, [idOf(1), idOf(IDS - 1), 'one more'])).toEqual([idOf(1), idOf(IDS - 1), 'one more']);
  expect(await repeats(ann, [idOf(0)])).toEqual([]);
  expect(await repeats(ann, [idOf(1)])).toEqual([]);
  expect(await broker.held()).toBe(IDS + 3);
});

it(`an id has up to ${LONGEST_BYTES} bytes, whatever they are, and a longer one ends nothing`, async () => {
  await using broker = await startBroker();
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  const longest = ['x', 'é', '😀', '\0', '"', '\\', '\t', '\u001b'].map((one) =>
    one.repeat(LONGEST_BYTES / Buffer.byteLength(one)),
  );
  const send = (id: string) => ({ type: 'send', id, to: 'bob', body: 1, receipt: true });
  bob.say(...longest.map(send), ...longest.map((id) => send(`${id}.`)), ...longest.map(send), { type: 'ping' });
  await bob.got('pong');
  expect(bob.of('error').map(({ code, message }) => `${code} ${message}`)).toEqual(
    Array(longest.length).fill(`BAD_REQUEST id: longer than ${LONGEST_BYTES} bytes`),
  );
  await bob.got('accepted', 2 * longest.length);
  const messages = await bob.got('message', longest.length);
  expect(messages.map(({ id }) => id)).toEqual(longest);
  expect(bob.of('accepted').filter(({ duplicate }) => duplicate)).toHaveLength(longest.length);
  bob.say({ type: 'ack', seq: messages.at(-1)?.seq });
  expect((await bob.got('receipt', longest.length)).map(({ id }) => id)).toEqual(longest);
});
