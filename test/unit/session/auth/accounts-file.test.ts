/** The file of accounts: how it is written, refused and watched. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  AccountsLocked,
  changeAccounts,
  loadAccounts,
  makeAccountsFolder,
} from '../../../../src/session/auth/accounts/file.ts';
import { AccountsKeeper } from '../../../../src/session/auth/accounts/keeper.ts';
import {
  type AccountsFile,
  DamagedAccounts,
  MAX_ACCOUNTS,
  MAX_FILE_BYTES,
  MAX_LABEL_CHARACTERS,
  MAX_TOKENS,
  NO_ACCOUNTS,
  readAccounts,
} from '../../../../src/session/auth/accounts/state.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { until } from '../../../helpers/until.ts';

const account = (name: string) => ({ name, created: 0 });
const withAccount =
  (name: string) =>
  (now: AccountsFile): readonly [AccountsFile, undefined] => [
    { ...now, accounts: [...now.accounts, account(name)] },
    undefined,
  ];
const token = (i: number) => ({ sha256: String(i).padStart(64, '0'), names: [], created: 0 });
const fileIn = (folder: string) => join(folder, 'auth', 'accounts.json');
const namesIn = async (folder: string) => (await loadAccounts(folder))?.accounts.map(({ name }) => name);

describe('the file of accounts', () => {
  it('is not there at first, and is its owner’s alone', async () => {
    using folder = temporaryFolder();
    expect(await loadAccounts(folder.path)).toBeUndefined();
    await changeAccounts(folder.path, withAccount('bob'));
    expect(statSync(fileIn(folder.path)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, 'auth')).mode & 0o777).toBe(0o700);
    chmodSync(fileIn(folder.path), 0o644);
    expect(await namesIn(folder.path)).toEqual(['bob']);
    expect(statSync(fileIn(folder.path)).mode & 0o777).toBe(0o600);
  });

  it('is changed by many at once, and nothing is lost', async () => {
    using folder = temporaryFolder();
    const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name) => changeAccounts(folder.path, withAccount(name))));
    expect((await namesIn(folder.path))?.sort()).toEqual(names.sort());
    expect(readdirSync(join(folder.path, 'auth'))).toEqual(['accounts.json']);
  });

  it('stays as it is where a change fails, or would make it too large', async () => {
    using folder = temporaryFolder();
    await changeAccounts(folder.path, withAccount('bob'));
    const before = readFileSync(fileIn(folder.path), 'utf8');
    const failing = changeAccounts(folder.path, () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(changeAccounts(folder.path, withAccount('bob'))).rejects.toThrow(DamagedAccounts); // there twice
    expect(readFileSync(fileIn(folder.path), 'utf8')).toBe(before);
    expect(readdirSync(join(folder.path, 'auth'))).toEqual(['accounts.json']);
  });

  it('is not changed while another change is under way, and that is said', async () => {
    using folder = temporaryFolder();
    await makeAccountsFolder(folder.path);
    writeFileSync(join(folder.path, 'auth', 'accounts.json.next'), '');
    await expect(changeAccounts(folder.path, withAccount('bob'), 50)).rejects.toThrow(AccountsLocked);
  });

  it.each([
    ['no JSON', '{"version":1,"accounts":[{"name":"secret'],
    ['another version', '{"version":2,"accounts":[],"tokens":[]}'],
    ['a key that is not known', '{"version":1,"accounts":[],"tokens":[],"other":"secret"}'],
    ['a password that is none', '{"version":1,"accounts":[{"name":"a","password":"secret","created":0}],"tokens":[]}'],
    ['a hash that is none', '{"version":1,"accounts":[],"tokens":[{"sha256":"secret","names":[],"created":0}]}'],
    ['a pattern that is none', '{"version":1,"accounts":[{"name":"a","send":["sec*ret"],"created":0}],"tokens":[]}'],
  ])('is refused with %s, and nothing of it is told', (_what, text) => {
    expect(() => readAccounts(text)).toThrow(DamagedAccounts);
    expect(() => readAccounts(text)).not.toThrow(/sec.?ret/);
  });

  it('has bounds', async () => {
    const full = {
      ...NO_ACCOUNTS,
      accounts: Array.from({ length: MAX_ACCOUNTS }, (_, i) => account(`n${i}`)),
      tokens: Array.from({ length: MAX_TOKENS }, (_, i) => token(i)),
    };
    expect(readAccounts(JSON.stringify(full)).tokens.length).toBe(MAX_TOKENS);
    const over = (more: object) => () => readAccounts(JSON.stringify({ ...full, ...more }));
    expect(over({ accounts: [...full.accounts, account('x')] })).toThrow(DamagedAccounts);
    expect(over({ tokens: [...full.tokens, token(MAX_TOKENS)] })).toThrow(DamagedAccounts);
    const label = 'x'.repeat(MAX_LABEL_CHARACTERS + 1);
    expect(over({ tokens: [{ ...token(1), label }] })).toThrow(DamagedAccounts);
    using folder = temporaryFolder();
    await makeAccountsFolder(folder.path);
    writeFileSync(fileIn(folder.path), ' '.repeat(MAX_FILE_BYTES + 1));
    await expect(loadAccounts(folder.path)).rejects.toThrow('larger than');
  });
});

class Kept implements AsyncDisposable {
  readonly folder = temporaryFolder();
  readonly lines: string[] = [];
  changes = 0;
  keeper: AccountsKeeper | undefined;

  static async open(...names: readonly string[]): Promise<Kept> {
    const kept = new Kept();
    for (const name of names) await changeAccounts(kept.folder.path, withAccount(name));
    const log = pino({}, { write: (line: string) => void kept.lines.push(line) });
    kept.keeper = await AccountsKeeper.open(kept.folder.path, log, () => kept.changes++);
    return kept;
  }

  get names(): string[] {
    return [...(this.keeper?.accounts.byName.keys() ?? [])];
  }

  async says(text: string): Promise<void> {
    await until(() => this.lines.some((line) => line.includes(text)), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.keeper?.close();
    this.folder[Symbol.dispose]();
  }
}

describe('accounts of a broker that runs', () => {
  it('are those of the file, as soon as it has changed', async () => {
    await using kept = await Kept.open('bob');
    expect(kept.names).toEqual(['bob']);
    await changeAccounts(kept.folder.path, withAccount('eve'));
    await until(() => kept.changes > 0, 'the change');
    expect(kept.names).toEqual(['bob', 'eve']);
  });

  it('go on as they were where the file is damaged or gone, and follow it when it is back', async () => {
    await using kept = await Kept.open('bob');
    const path = fileIn(kept.folder.path);
    writeFileSync(path, '{"version":1,');
    await kept.says('the last ones go on: it is no JSON');
    rmSync(path);
    await kept.says('the last ones go on: the file is gone');
    expect([kept.names, kept.changes]).toEqual([['bob'], 0]);
    await changeAccounts(kept.folder.path, withAccount('eve'));
    await until(() => kept.changes > 0, 'the file to be taken');
    expect(kept.names).toEqual(['eve']);
  });

  it('are found again in a folder that was replaced, which the system does not tell', async () => {
    await using kept = await Kept.open('bob');
    renameSync(join(kept.folder.path, 'auth'), join(kept.folder.path, 'old'));
    mkdirSync(join(kept.folder.path, 'auth'));
    await changeAccounts(kept.folder.path, withAccount('eve'));
    await until(() => kept.names[0] === 'eve', 'the new folder to be looked at');
  });

  it('stop the start where the file is damaged: there are none that could go on', async () => {
    using folder = temporaryFolder();
    await makeAccountsFolder(folder.path);
    writeFileSync(fileIn(folder.path), '{}');
    const opened = AccountsKeeper.open(folder.path, pino({ level: 'silent' }), () => undefined);
    await expect(opened).rejects.toThrow(/^the accounts in .* cannot be read: /);
  });
});
