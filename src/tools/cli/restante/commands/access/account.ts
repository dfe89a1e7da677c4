/** The `account` command: who has a name of his own. */
import type { Command } from 'commander';
import {
  MAX_PASSWORD_BYTES,
  MIN_PASSWORD_BYTES,
  normalPassword,
  storedPassword,
} from '../../../../../session/auth/accounts/password.ts';
import { isToken } from '../../../../../session/auth/accounts/secret.ts';
import { type AccountsFile, MAX_ACCOUNTS, type StoredAccount } from '../../../../../session/auth/accounts/state.ts';
import { isoTime } from '../../../../../shared/common/text.ts';
import { RestanteError, UsageError } from '../../../../library/index.ts';
import type { Context } from '../../context.ts';
import { example } from '../../values.ts';
import { accountsIn, change, checkedName, dataDirOption, nowSeconds, patternsIn, patternsText } from './accounts.ts';
import { newPassword } from './prompt.ts';

interface AccountOptions {
  readonly dataDir: string;
  readonly passwordStdin?: true;
  readonly password: boolean;
  readonly send?: string;
}

const PASSWORD_STDIN = ['--password-stdin', 'the password is the first line of standard input'] as const;

/** Adds the command. */
export function addAccount(context: Context): void {
  const account = context.program
    .command('account')
    .description('accounts: names that belong to who proves it (add, list, remove, password)')
    .addHelpText('after', example('restante account add bob', 'restante account list'));
  subcommand(account, 'add', 'make an account; its password is asked for')
    .argument('<name>', 'its name')
    .option(...PASSWORD_STDIN)
    .option('--no-password', 'it has none: tokens alone prove it')
    .option('--send <patterns>', 'whom it may write to: alice, team-*, with commas between them (default: anybody)')
    .addHelpText('after', example('restante account add bob', 'restante account add bob --password-stdin < file'))
    .action((name: string, options: AccountOptions) => add(context, name, options));
  subcommand(account, 'list', 'list the accounts')
    .addHelpText('after', example('restante account list'))
    .action((options: AccountOptions) => list(context, options));
  subcommand(account, 'remove', 'remove an account, and the tokens that prove its name alone')
    .argument('<name>', 'its name')
    .addHelpText('after', example('restante account remove bob'))
    .action((name: string, options: AccountOptions) => remove(context, name, options));
  subcommand(account, 'password', 'give an account another password')
    .argument('<name>', 'its name')
    .option(...PASSWORD_STDIN)
    .addHelpText('after', example('restante account password bob'))
    .action((name: string, options: AccountOptions) => setPassword(context, name, options));
}

function subcommand(account: Command, name: string, description: string): Command {
  return account.command(name).description(description).addOption(dataDirOption()).allowExcessArguments(false);
}

async function add(context: Context, given: string, options: AccountOptions): Promise<void> {
  const { dataDir } = options;
  const name = checkedName(given);
  const send = options.send === undefined ? undefined : patternsIn(options.send);
  const isThere = (file: AccountsFile) => {
    if (find(file, name) !== undefined) throw new UsageError(`there is an account ${name} already`);
  };
  isThere(await accountsIn(dataDir));
  const password = options.password ? await passwordFor(context, name, options) : undefined;
  const account: StoredAccount = { name, password, send, created: nowSeconds() };
  await change(dataDir, (now) => {
    isThere(now);
    if (now.accounts.length >= MAX_ACCOUNTS)
      throw new RestanteError('ACCOUNTS_FULL', `there are ${MAX_ACCOUNTS} already`);
    return [{ ...now, accounts: [...now.accounts, account] }, undefined];
  });
  await context.output.say({ type: 'account', ...shown(account) }, `account ${name} is there`);
}

async function list(context: Context, { dataDir }: AccountOptions): Promise<void> {
  for (const account of (await accountsIn(dataDir)).accounts) {
    const { name, password, send, created } = account;
    const how = password === undefined ? 'tokens alone' : 'a password';
    const text = `${name}: proved by ${how}, writes to ${patternsText(send)}, since ${isoTime(created)}`;
    await context.output.say({ type: 'account', ...shown(account) }, text);
  }
}

async function remove(context: Context, given: string, { dataDir }: AccountOptions): Promise<void> {
  const name = checkedName(given);
  const tokens = await change(dataDir, (now) => {
    known(now, name);
    const kept = now.tokens.filter(({ names }) => names.length !== 1 || names[0] !== name);
    const accounts = now.accounts.filter((account) => account.name !== name);
    return [{ ...now, accounts, tokens: kept }, now.tokens.length - kept.length];
  });
  await context.output.say(
    { type: 'removed', name, tokens },
    `account ${name} is removed; with AUTH=names, whoever says the name next has its mail`,
  );
}

async function setPassword(context: Context, given: string, options: AccountOptions): Promise<void> {
  const name = checkedName(given);
  known(await accountsIn(options.dataDir), name);
  const password = await passwordFor(context, name, options);
  await change(options.dataDir, (now) => {
    known(now, name);
    const accounts = now.accounts.map((account) => (account.name === name ? { ...account, password } : account));
    return [{ ...now, accounts }, undefined];
  });
  await context.output.say({ type: 'password', name }, `account ${name} has another password`);
}

/** @returns what is stored of a password that is asked for */
async function passwordFor(context: Context, name: string, { passwordStdin }: AccountOptions): Promise<string> {
  const say = (text: string) => void process.stderr.write(text);
  const asked = { input: process.stdin, say, stop: context.stop };
  const password = normalPassword(await newPassword(name, passwordStdin === true, asked));
  if (password.length < MIN_PASSWORD_BYTES) throw new UsageError(`a password has ${MIN_PASSWORD_BYTES} bytes or more`);
  if (password.length > MAX_PASSWORD_BYTES) throw new UsageError(`a password has at most ${MAX_PASSWORD_BYTES} bytes`);
  if (isToken(password)) throw new UsageError('a password must not look like a token');
  return storedPassword(password);
}

function find({ accounts }: AccountsFile, name: string): StoredAccount | undefined {
  return accounts.find((account) => account.name === name);
}

/** @throws RestanteError if there is no such account */
function known(file: AccountsFile, name: string): void {
  if (find(file, name) === undefined) throw new RestanteError('NO_ACCOUNT', `there is no account ${name}`);
}

/** An account for programs, without what is stored of its password. */
function shown({ name, password, send, created }: StoredAccount): object {
  return { name, password: password !== undefined, send, created };
}
