/** The command line on a broker that runs, and the examples of docs/HTTP.md. */
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { TestBroker } from '../../../helpers/broker.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { commandOf } from '../../../helpers/programs/build.ts';
import { Program } from '../../../helpers/programs/program.ts';
import { textOf } from '../../../helpers/project.ts';
import { until } from '../../../helpers/until.ts';
import { startAsked } from './api.ts';

const TOKEN = 'a-token-of-the-operator';
const RESTANTE = commandOf('src/tools/cli/restante.ts');

/** Runs it to its end. */
async function ran({ broker }: TestBroker, ...args: readonly string[]) {
  const env = { RESTANTE_HTTP_URL: broker.httpUrl ?? '', RESTANTE_ADMIN_TOKEN: TOKEN, RESTANTE_URL: undefined };
  await using program = new Program([...RESTANTE, ...args], { stdin: 'typed', env });
  program.type();
  const code = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

const objectsIn = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the command line', () => {
  it('lists, shows and purges mail, lists and kicks connections, and looks', async () => {
    await using asked = await startAsked({ ADMIN_TOKEN: TOKEN });
    const { broker } = asked;
    await (await broker.peer('bob')).leave();
    const alice = await broker.peer('alice');
    alice.send('bob: hello\nbob: again\n');
    await broker.quiet();
    const list = await ran(broker, 'mail', 'list', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({ names: [{ name: 'bob', messages: 2 }], totals: { names: 1 } });
    const show = await ran(broker, 'mail', 'show', 'bob', '--json');
    expect(JSON.parse(show.stdout)).toMatchObject([{ line: 'from alice: hello' }, { line: 'from alice: again' }]);
    expect((await ran(broker, 'mail', 'purge', 'bob')).stdout).toBe('purged: 2 messages of bob\n');
    expect((await ran(broker, 'mail', 'show', 'bob')).stdout).toBe('bob has no mail\n');
    const [connection] = objectsIn((await ran(broker, 'connections', '--json')).stdout);
    expect(connection).toMatchObject({ type: 'connection', name: 'alice' });
    const [look] = objectsIn((await ran(broker, 'top', '--once', '--json')).stdout);
    expect(look).toMatchObject({ type: 'top', info: { connections: 1 }, connections: [{ name: 'alice' }] });
    expect((await ran(broker, 'top')).stdout).toContain('1 connection, 2 names');
    expect(await ran(broker, 'kick', String(connection.id))).toMatchObject({
      code: 0,
      stdout: `kicked: ${connection.id}\n`,
    });
    await until(() => alice.sawEnd, 'the end of alice');
    alice.destroy();
    expect(await ran(broker, 'kick', '99999')).toMatchObject({
      code: 1,
      stderr: 'restante: there is no such connection\n',
    });
  });

  it('--token of each command comes before its variable', async () => {
    using folder = temporaryFolder();
    const token = `${TOKEN}-other`;
    await using asked = await startAsked({ ADMIN_TOKEN: token });
    const alice = await asked.broker.peer('alice');
    const copy = join(folder.path, 'copy');
    const commands = [['connections'], ['top', '--once'], ['backup', copy], ['mail', 'list'], ['kick', '1']];
    for (const command of commands) {
      const { code, stderr } = await ran(asked.broker, ...command, '--token', token);
      expect([command, code, stderr]).toEqual([command, 0, '']);
    }
    alice.destroy();
  });

  it('says what is wrong in one line, and ends with 1 or 2', async () => {
    await using asked = await startAsked({ ADMIN_TOKEN: `${TOKEN}-other` });
    const { broker } = asked;
    const refused = await ran(broker, 'connections');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^restante: this needs the token.*--token.*\n$/),
    ]);
    expect(await ran(broker, 'top', '--url', 'tcp://127.0.0.1:1')).toMatchObject({ code: 2 });
    const nobody = await ran(broker, 'mail', 'list', '--url', 'http://127.0.0.1:1');
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      expect.stringContaining('no broker answers at http://127.0.0.1:1'),
    ]);
  });
});

/** The keys and kinds of what JSON has, so that values do not matter. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

it('each example of docs/HTTP.md is answered in the form that it shows', async () => {
  // One of them sets the level of the log.
  await using asked = await startAsked({ SHARDS: 1 }, pino({ level: 'silent' }, { write: () => undefined }));
  const { broker, ask } = asked;
  await (await broker.peer('bob')).leave();
  const alice = await broker.peer('alice');
  alice.send('bob: are you there?\nbob: hello\n');
  await broker.quiet();
  await broker.broker.view.admin.history.tick();
  const seq = (await ask('/v1/names/bob/mail')).body.messages[0].seq;
  const id = (await ask('/v1/connections')).body.connections[0].id;
  const examples = [...textOf('docs/HTTP.md').matchAll(/^ {4}(GET|POST|PUT|DELETE) (\/v1\S*)( \{.*\})?\n {4}(.*)$/gm)];
  expect(examples.length).toBe(11);
  // The kick ends the connection that the others show, and the drain ends everything.
  const late = ['/kick', '/drain'];
  const order = (path: string) => late.findIndex((end) => path.endsWith(end));
  examples.sort(([, , one = ''], [, , other = '']) => order(one) - order(other));
  for (const [, method = '', path = '', body, shown = ''] of examples) {
    const own = path.replace('1875124452065317', String(seq)).replace('/connections/1/', `/connections/${id}/`);
    const answer = await ask(own, { method, ...(body === undefined ? {} : { body: body.trim() }) });
    expect([path, answer.status < 300, shapeOf(answer.body)]).toEqual([path, true, shapeOf(JSON.parse(shown))]);
  }
  alice.destroy();
});
