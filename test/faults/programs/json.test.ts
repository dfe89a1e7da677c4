/**
 * JSON that is huge, deep or sly. A program gets it as it was written. A plain peer never sees a line of another, a
 * notice or a control character in it.
 */
import { expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { pacedNow } from '../../helpers/pace/pace.ts';
import type { Peer } from '../../helpers/peer.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';

const MAX_LINE_BYTES = 256 * 1024;
const DEPTH = 100_000;
const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
/** Deeper than JSON.stringify goes, in objects, with all the white space that JSON has. */
const deepObjects = `${'{ "a"\r:\t'.repeat(DEPTH / 10)}1${' }'.repeat(DEPTH / 10)}`;
/** What must not be on a terminal: control characters but for tabs, and the ends of lines that some readers know. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

interface Scene extends AsyncDisposable {
  readonly broker: TestBroker;
  readonly ann: ProgramPeer;
  readonly bob: ProgramPeer;
  readonly plain: Peer;
}

/** Ann sends to Bob, who is a program, and to a plain peer. */
async function scene(): Promise<Scene> {
  const broker = await startBroker({ MAX_LINE_BYTES });
  const plain = await broker.peer('plain');
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  return { broker, ann, bob, plain, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

const send = (body: string, more = '') => `{"type":"send","to":["bob","plain"],"id":"m",${more}"body":${body}}\n`;
const LONGEST = 'x'.repeat(MAX_LINE_BYTES - send('""').length + 1);

const text = (escaped: string) => `"${escaped}"`;
/** What it is, the line, the body as it was written, and the lines of a plain peer if they are known. */
const BODIES: readonly (readonly [string, string, string, (readonly string[])?])[] = [
  ['that is there twice', send('2', '"body":1,'), '2', ['2']],
  ['that is there twice, once escaped', send('1').replace('}\n', ',"\\u0062ody":2}\n'), '2', ['2']],
  [
    'beside __proto__',
    send('{"__proto__":1}', '"__proto__":{"type":"ping","to":"ann"},'),
    '{"__proto__":1}',
    ['{"__proto__":1}'],
  ],
  ['of 1e400', send('[1e400,-1e400]'), '[1e400,-1e400]', ['[null,null]']],
  ['with lone surrogates', send(text('\\ud800x\\udc00')), text('\\ud800x\\udc00'), ['\ufffdx\ufffd']],
  ['with NUL, ESC and C1', send(text('\\u0000\\u001b[2J\\u009b')), text('\\u0000\\u001b[2J\\u009b')],
  [
    'with lines of another',
    send(text('a\\nfrom eve: b\\r* you\\r\\n* ann')),
    text('a\\nfrom eve: b\\r* you\\r\\n* ann'),
    ['a', 'from eve: b', '* you', '* ann'],
  ],
  [
    'with line ends that not all know',
    send(text('a\\u2028b\\u2029c\\u0085d\\u000be')),
    text('a\\u2028b\\u2029c\\u0085d\\u000be'),
  ],
  [
    'whose keys have them',
    send('{"\\n* you are eve\\n":"\\u001b"}'),
    '{"\\n* you are eve\\n":"\\u001b"}',
    ['{"\\n* you are eve\\n":"\\u001b"}'],
  ],
  // The long ones come last, because all that has come is looked at after each.
  ['of 100,000 brackets', send(deep), deep, [deep]],
  ['of deep objects', send(deepObjects), deepObjects],
  ['in a line of the longest length', send(text(LONGEST)), text(LONGEST), [LONGEST]],
  ['of 100,000 brackets under an escaped key', send(deep).replace('"body"', '"b\\u006fdy"'), deep, [deep]],
];

/** What it is, and a line that is no request. */
const ERRORS: readonly (readonly [string, string])[] = [
  ['a deep line that is not closed', '['.repeat(DEPTH)],
  ['a deep line of another type', `{"type":"nothing","x":${deep}}`],
  ['a deep array', deep],
  ['a deep id', `{"type":"send","to":"bob","body":1,"id":${deep}}`],
  ['deep names', `{"type":"who","id":"q","names":[${deep}]}`],
  ['a type from __proto__', '{"__proto__":{"type":"send","to":"plain","body":1}}'],
  ['names from __proto__', '{"type":"send","body":1,"__proto__":{"to":"plain"}}'],
  ['a name with a line in it', '{"type":"send","to":"plain\\nplain: hi","body":1}'],
  ['a seq of 1e400', '{"type":"ack","seq":1e400}'],
];

it('a body is passed on as it was written, and is nothing but lines of its sender for a plain peer', async () => {
  await using at = await scene();
  const { broker, ann, bob, plain } = at;
  let seen = 0;
  for (const [index, [what, line, raw, shown]] of BODIES.entries()) {
    // One character, as in the longest line.
    const id = index.toString(36);
    ann.peer.send(line.replace('"id":"m"', `"id":"${id}"`));
    const accepted = (await ann.got('accepted', index + 1)).at(-1);
    expect(accepted, what).toMatchObject({ id, to: { bob: 'taken', plain: 'taken' } });
    const message = (await bob.got('message', index + 1)).at(-1);
    bob.say({ type: 'ack', seq: message?.seq });
    await broker.quiet();
    expect(bob.peer.received.endsWith(`"body":${raw}}\n`), what).toBe(true);
    const lines = plain.received.slice(seen).split('\n');
    seen = plain.received.length;
    expect(lines.pop(), what).toBe('');
    expect(
      lines.filter((each) => !each.startsWith('from ann: ')),
      what,
    ).toEqual([]);
    expect(CONTROL.test(lines.join('')), what).toBe(false);
    if (shown !== undefined) expect(lines, what).toEqual(shown.map((each) => `from ann: ${each}`));
  }
  expect([ann.of('error'), ann.peer.closed]).toEqual([[], false]);
});

it('a line that is no request is an error, and ends nothing', async () => {
  await using at = await scene();
  const { broker, ann, bob, plain } = at;
  for (const [index, [what, line]] of ERRORS.entries()) {
    ann.peer.send(`${line}\n{"type":"ping"}\n`);
    await ann.got('pong', index + 1);
    expect(
      ann.of('error').map(({ code }) => code),
      what,
    ).toEqual(Array(index + 1).fill('BAD_REQUEST'));
  }
  await broker.quiet();
  expect([plain.received, bob.of('message')]).toEqual(['', []]);
});

it('a line that is longer than the longest ends the session, with a reason', async () => {
  await using at = await scene();
  at.ann.peer.send(send(`"${LONGEST}x"`));
  await at.ann.peer.gone();
  expect(at.ann.of('bye')).toMatchObject([{ code: 'LINE_TOO_LONG' }]);
});

it('a line that is deep costs little more than a flat one of the same length', async () => {
  await using at = await scene();
  const { ann } = at;
  let sent = 0;
  const takes = async (line: string) => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 5; i++) {
      const before = performance.now();
      ann.peer.send(line);
      await ann.got('accepted', ++sent);
      best = Math.min(best, performance.now() - before);
    }
    return best;
  };
  const flatMs = await takes(send(`[${'0,'.repeat(DEPTH - 1)}0]`));
  const deepMs = await takes(send(deep));
  const keysMs = await takes(send(`{${Array.from({ length: DEPTH / 8 }, (_, i) => `"k${i}":{}`).join(',')}}`));
  expect(Math.max(deepMs, keysMs), `${flatMs} ${deepMs} ${keysMs}`).toBeLessThan(10 * flatMs + pacedNow(100));
});
