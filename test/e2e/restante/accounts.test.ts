/** Accounts and tokens by command, while a broker runs. */
import { describe, expect, it } from 'vitest';
import { hashOfToken } from '../../../src/session/auth/accounts/secret.ts';
import { until } from '../../helpers/until.ts';
import { AuthBroker, PASSWORD } from '../auth/accounts.ts';
import { ran, restante } from './restante.ts';

/** Nothing of these commands connects. */
const NOWHERE = { port: 9 };

async function command(dataDir: string, args: readonly string[], input = '') {
  await using program = restante(NOWHERE, [...args, '--data-dir', dataDir]);
  if (input !== '') program.type(input);
  program.type();
  const code = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

const add = (dataDir: string, name: string, ...more: string[]) =>
  command(dataDir, ['account', 'add', name, '--password-stdin', ...more], `${PASSWORD}\nwhat follows is not read`);

describe('accounts and tokens', () => {
  it('are taken by a broker that runs, used by the command line, and revoked', async () => {
    await using it_ = await AuthBroker.start({});
    const { dataDir, up } = it_;
    expect(await add(dataDir, 'bob')).toEqual({ code: 0, stdout: 'account bob is there\n', stderr: '' });
    const made = await command(dataDir, ['token', 'add', '--name', 'bob', '--label', 'ci']);
    expect(made).toEqual({ code: 0, stdout: expect.stringMatching(/^rst_[\w-]{43}\n$/), stderr: '' });
    const token = made.stdout.trim();
    await until(() => it_.log.some((line) => line.includes('"tokens":1')), 'the token to be taken');
    const bob = await up.connect();
    bob.send(`bob\n${PASSWORD}\n`);
    await bob.got('* you are bob');
    expect(await ran(up, ['send', 'bob', 'hi', '--token', token])).toMatchObject({ code: 0, stdout: 'bob: taken\n' });
    expect(await ran(up, ['send', 'bob', 'hi'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('RESTANTE_TOKEN'),
    });
    const id = hashOfToken(token).slice(0, 12);
    const listed = await command(dataDir, ['token', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({ type: 'token', id, names: ['bob'], label: 'ci' });
    expect(await command(dataDir, ['token', 'revoke', id])).toMatchObject({ code: 0 });
    await until(() => it_.log.some((line) => line.includes('"tokens":0')), 'the token to be revoked');
    const refused = await ran(up, ['send', 'bob', 'hi', '--token', token]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('wrong name, password or token') });
    expect(await command(dataDir, ['account', 'remove', 'bob'])).toMatchObject({ code: 0 });
    await bob.gone();
    expect(bob.received).toContain('* what you have proved is not valid any more');
  });

  it('are listed without a secret, and chosen by name, prefix and label', async () => {
    await using it_ = await AuthBroker.start({});
    const { dataDir } = it_;
    await add(dataDir, 'bob', '--send', 'alice, team-*');
    await command(dataDir, ['account', 'add', 'job', '--no-password']);
    await command(dataDir, ['token', 'add', '--name', 'job']);
    await command(dataDir, ['token', 'add', '--prefix', 'job-', '--expires', '90d', '--send', 'bob']);
    await command(dataDir, ['token', 'add', '--label', 'sender']);
    const accounts = await command(dataDir, ['account', 'list']);
    expect(accounts.stdout).toMatch(
      /^bob: proved by a password, writes to alice, team-\*, since .*\njob: proved by tokens alone, writes to anybody/,
    );
    const tokens = await command(dataDir, ['token', 'list']);
    expect(tokens.stdout.replace(/^\w{12}/gm, 'ID')).toMatch(
      /^ID: proves job, for ever\nID: proves job-\*, writes to bob, until 20.*\nID \(sender\): sends only, for ever\n$/,
    );
    const listed = await command(dataDir, ['token', 'list', '--prefix', 'job-']);
    expect(listed.stdout.match(/\n/g)?.length).toBe(1);
    expect(await command(dataDir, ['token', 'revoke', '--label', 'sender'])).toMatchObject({ code: 0 });
    await command(dataDir, ['account', 'remove', 'job']);
    const left = await command(dataDir, ['token', 'list', '--json']);
    expect(left.stdout.match(/"names":\[[^\]]*\]/g)).toEqual(['"names":["job-*"]']);
  });

  it('change their password, and the old one is not taken any more', async () => {
    await using it_ = await AuthBroker.start({});
    await add(it_.dataDir, 'bob');
    const changed = await command(it_.dataDir, ['account', 'password', 'bob', '--password-stdin'], 'another password');
    expect(changed).toEqual({ code: 0, stdout: 'account bob has another password\n', stderr: '' });
    const changes = () => it_.log.filter((line) => line.includes('accounts have changed')).length;
    await until(() => changes() === 2, 'the broker to have taken both changes');
    const bob = await it_.up.connect();
    bob.send('bob\nanother password\n');
    await bob.got('* you are bob');
  });
});

describe('wrong use', () => {
  it.each([
    ['a password that is too short', ['account', 'add', 'x', '--password-stdin'], 'short\n', 2],
    ['a password that looks like a token', ['account', 'add', 'x', '--password-stdin'], `rst_${'x'.repeat(43)}\n`, 2],
    ['no terminal to ask on', ['account', 'add', 'x'], '', 2],
    ['a name that nobody can have', ['account', 'add', 'a:b', '--no-password'], '', 2],
    ['a name that nobody keeps', ['account', 'add', '~x', '--no-password'], '', 2],
    ['an account that is none', ['account', 'remove', 'zoe'], '', 1],
    ['a pattern that is none', ['token', 'add', '--send', 'a*b'], '', 2],
    ['a time that is over', ['token', 'add', '--expires', '2001-01-01'], '', 2],
    ['a name and a prefix', ['token', 'add', '--name', 'a', '--prefix', 'b'], '', 2],
    ['nothing to revoke', ['token', 'revoke'], '', 2],
    ['a token that is none', ['token', 'revoke', '0123456789ab'], '', 1],
    ['no subcommand', ['account'], '', 2],
  ])('(%s) changes nothing and says so', async (_what, args, input, code) => {
    await using it_ = await AuthBroker.start({});
    const result = args.length === 1 ? await ran(NOWHERE, args) : await command(it_.dataDir, args, input);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(/^(error|restante|Usage): /);
    expect(it_.log.some((line) => line.includes('accounts have changed'))).toBe(false);
  });

  it.each(['account', 'token'])('of %s is helped by an example, and completed', async (name) => {
    for (const args of [
      [name, '--help'],
      [name, 'add', '--help'],
    ]) {
      expect(await ran(NOWHERE, args)).toMatchObject({ code: 0, stdout: expect.stringContaining('\nExample:\n  ') });
    }
    const { stdout } = await ran(NOWHERE, ['completion', 'bash']);
    expect(stdout).toMatch(new RegExp(`    ${name}\\) words="add list .*--data-dir`));
  });
});
