/** Who gets a backup of a broker that runs, and what the command says. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TestBroker } from '../../../helpers/broker.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { TestProcess } from '../../../helpers/programs/process.ts';
import { startAsked } from './api.ts';

const TOKEN = 'a-token-of-the-operator';
const POST = { method: 'POST' };

/** Runs the command to its end. @param from the broker, or the folder that no broker has open */
async function backup(from: TestBroker | string, folder: string, env: Readonly<Record<string, string>> = {}) {
  const place = typeof from === 'string' ? ['--data-dir', from] : ['--url', from.broker.httpUrl ?? ''];
  const args = ['backup', folder, ...place, '--json'];
  await using run = new TestProcess('src/tools/cli/restante.ts', args, env);
  const code = await run.exitCode();
  return { code, said: JSON.parse(run.stdout), stderr: run.stderr };
}

/** A broker with mail for bob, and with an account. */
async function withMail(dataDir: string, settings = {}) {
  mkdirSync(join(dataDir, 'auth'));
  writeFileSync(join(dataDir, 'auth', 'accounts.json'), '{"version":1,"accounts":[],"tokens":[]}\n');
  const asked = await startAsked({ DATA_DIR: dataDir, ...settings });
  await (await asked.broker.peer('bob')).leave();
  (await asked.broker.peer('alice')).send('bob: hello\nbob: again\n');
  await asked.broker.quiet();
  return asked;
}

it('a backup has the mail and the accounts, for its user alone, and only who has the token gets it', async () => {
  using folder = temporaryFolder();
  const [data, copy] = [join(folder.path, 'data'), join(folder.path, 'copy')];
  mkdirSync(data);
  await using asked = await withMail(data, { ADMIN_TOKEN: TOKEN });
  expect((await asked.ask('/v1/backup', POST)).body).toMatchObject({ code: 'TOKEN_NEEDED' });
  expect((await asked.ask('/v1/backup')).status).toBe(401);
  const refused = await backup(asked.broker, copy);
  expect([refused.code, refused.said.code, readdirSync(folder.path)]).toEqual([1, 'TOKEN_NEEDED', ['data']]);
  const made = await backup(asked.broker, copy, { RESTANTE_ADMIN_TOKEN: TOKEN });
  expect(made).toMatchObject({ code: 0, said: { type: 'backup', folder: copy, messages: 2, accounts: true } });
  const files = readdirSync(copy, { recursive: true, encoding: 'utf8' }).map((file) => statSync(join(copy, file)));
  expect(files.map((file) => (file.mode & 0o777) === (file.isDirectory() ? 0o700 : 0o600))).not.toContain(false);
  const accounts = (where: string) => readFileSync(join(where, 'auth', 'accounts.json'), 'utf8');
  expect(accounts(copy)).toBe(accounts(data));
  const again = join(folder.path, 'again');
  const { folder: _, ...same } = made.said;
  expect(await backup(copy, again)).toMatchObject({ code: 0, said: { ...same, folder: again } });
  expect(accounts(again)).toBe(accounts(data));
  await using restored = await startAsked({ DATA_DIR: again });
  const bob = await restored.broker.peer('bob');
  expect(bob.received).toBe('from alice: hello\nfrom alice: again\n');
});

it('without a token nobody gets accounts over HTTP, from this machine either', async () => {
  using folder = temporaryFolder();
  await using asked = await withMail(folder.path);
  expect((await asked.ask('/v1/backup', POST)).body).toMatchObject({ status: 403, code: 'BACKUP_SECRET' });
  expect((await asked.ask('/v1/backup')).body).toMatchObject({ status: 405 });
});

it('without a token nobody gets the mail of proved names, where there is no file of accounts either', async () => {
  await using asked = await startAsked({ AUTH: 'required', AUTH_JWT_SECRET: 'a-secret-of-at-least-32-bytes-for-it' });
  expect((await asked.ask('/v1/backup', POST)).body).toMatchObject({ status: 403, code: 'BACKUP_SECRET' });
});

it('there is one backup at a time, none of a damaged file of accounts, and none where nothing is held', async () => {
  await using asked = await startAsked();
  const begun = await asked.broker.broker.view.admin.backup(true);
  if (begun.state !== 'backup') throw new Error(`no backup: ${begun.state}`);
  expect((await asked.ask('/v1/backup', POST)).body).toMatchObject({ status: 409, code: 'BACKUP_UNDER_WAY' });
  await begun.pieces.return(undefined);
  const { dataDir } = (await asked.ask('/v1/info')).body;
  mkdirSync(join(dataDir, 'auth'));
  writeFileSync(join(dataDir, 'auth', 'accounts.json'), 'nothing of the kind');
  expect((await asked.ask('/v1/backup', POST)).body).toMatchObject({ status: 503, code: 'BACKUP_UNREADABLE' });
  await using holdsNothing = await startAsked({ HOLD_SECONDS: 0 });
  expect((await holdsNothing.ask('/v1/backup', POST)).body).toMatchObject({ status: 409, code: 'NO_STORE' });
});
