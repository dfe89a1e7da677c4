/** The `token` command: secrets for programs. Each is shown once, when it is made. */
import type { Command } from 'commander';
import { hashOfToken, idOfHash, newToken } from '../../../../../session/auth/accounts/secret.ts';
import { MAX_LABEL_CHARACTERS, MAX_TOKENS, type StoredToken } from '../../../../../session/auth/accounts/state.ts';
import { isoTime } from '../../../../../shared/common/text.ts';
import { RestanteError, UsageError } from '../../../../library/index.ts';
import type { Context } from '../../context.ts';
import { example } from '../../values.ts';
import { accountsIn, change, checkedName, dataDirOption, nowSeconds, patternsIn, patternsText } from './accounts.ts';

interface TokenOptions {
  readonly dataDir: string;
  readonly prefix?: string;
  readonly send?: string;
  readonly expires?: string;
  readonly label?: string;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** The furthest end of a token. */
const MAX_DAYS = 36_500;

/** Adds the command. */
export function addToken(context: Context): void {
  const token = context.program
    .command('token')
    .description('tokens, with which programs prove names (add, list, revoke)')
    .addHelpText('after', example('restante token add --name bob', 'restante token list'));
  subcommand(token, 'add', 'make a token, and print it, once; without a name it only sends')
    .option('--send <patterns>', 'whom it may write to (default: whom the account of the name may)')
    .option('--expires <time>', 'when it ends: a date such as 2030-01-31, or 90d, 12h, 30m from now (default: never)')
    .addHelpText('after', example('restante token add --name bob', 'restante token add --prefix job- --expires 90d'))
    .action((options: TokenOptions) => add(context, options));
  subcommand(token, 'list', 'list the tokens, without their secrets')
    .addHelpText('after', example('restante token list', 'restante token list --name bob'))
    .action((options: TokenOptions) => list(context, options));
  subcommand(token, 'revoke', 'revoke tokens: one by its id, or all of a name, a prefix or a label')
    .argument('[id]', 'the id in the list')
    .addHelpText('after', example('restante token revoke 5f2b6c1d9a04', 'restante token revoke --name bob'))
    .action((id: string | undefined, options: TokenOptions) => revoke(context, id, options));
}

function subcommand(token: Command, name: string, description: string): Command {
  return (
    token
      .command(name)
      .description(description)
      // The program has an option of this name, and reads it.
      .option('--name <name>', 'the name that it proves')
      .option('--prefix <beginning>', 'the beginning of the names that it proves')
      .option('--label <text>', 'what it is for')
      .addOption(dataDirOption())
      .allowExcessArguments(false)
  );
}

async function add(context: Context, options: TokenOptions): Promise<void> {
  const { dataDir, label } = options;
  const names = namesOf(context, options) ?? [];
  const send = options.send === undefined ? undefined : patternsIn(options.send);
  const expires = options.expires === undefined ? undefined : endOf(options.expires);
  if (label !== undefined && label.length > MAX_LABEL_CHARACTERS) {
    throw new UsageError(`a label has at most ${MAX_LABEL_CHARACTERS} characters`);
  }
  const secret = newToken();
  const token: StoredToken = { sha256: hashOfToken(secret), names, send, expires, label, created: nowSeconds() };
  const isFree = await change(dataDir, (now) => {
    if (now.tokens.length >= MAX_TOKENS) throw new RestanteError('TOKENS_FULL', `there are ${MAX_TOKENS} already`);
    const [name = ''] = names;
    const free = name !== '' && !name.endsWith('*') && !now.accounts.some((account) => account.name === name);
    return [{ ...now, tokens: [...now.tokens, token] }, free];
  });
  if (isFree) {
    context.note(`there is no account ${names[0]}: with AUTH=names the name is free for all ("account add" ends that)`);
  }
  await context.output.say({ type: 'token', token: secret, ...shown(token) }, secret);
}

async function list(context: Context, options: TokenOptions): Promise<void> {
  for (const token of selected((await accountsIn(options.dataDir)).tokens, undefined, context, options)) {
    await context.output.say({ type: 'token', ...shown(token) }, asText(token));
  }
}

async function revoke(context: Context, id: string | undefined, options: TokenOptions): Promise<void> {
  const chosen = id ?? namesOf(context, options) ?? options.label;
  if (chosen === undefined) throw new UsageError('which? give an id, --name, --prefix or --label');
  const revoked = await change(options.dataDir, (now) => {
    const gone = new Set(selected(now.tokens, id, context, options));
    if (gone.size === 0) throw new RestanteError('NO_TOKEN', 'there is no such token');
    return [{ ...now, tokens: now.tokens.filter((token) => !gone.has(token)) }, [...gone]];
  });
  for (const token of revoked) {
    await context.output.say({ type: 'revoked', ...shown(token) }, `revoked ${asText(token)}`);
  }
}

/** The tokens that fit everything that is given. */
function selected(
  tokens: readonly StoredToken[],
  id: string | undefined,
  context: Context,
  options: TokenOptions,
): StoredToken[] {
  const names = namesOf(context, options);
  return tokens.filter(
    (token) =>
      (id === undefined || idOfHash(token.sha256) === id) &&
      (names === undefined || token.names.join() === names.join()) &&
      (options.label === undefined || token.label === options.label),
  );
}

/** The names that a token proves, as patterns; undefined if none are given. The variable of a name does not count. */
function namesOf({ program, options }: Context, { prefix }: TokenOptions): string[] | undefined {
  const name = program.getOptionValueSource('name') === 'cli' ? options.name : undefined;
  if (name !== undefined && prefix !== undefined) throw new UsageError('either --name or --prefix');
  if (name !== undefined) return [checkedName(name)];
  return prefix === undefined ? undefined : patternsIn(`${prefix}*`);
}

/** @returns when it ends, in seconds since 1970 @throws UsageError if it is no time to come */
function endOf(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  const end = count === undefined ? Math.floor(dateOf(text) / 1000) : nowSeconds() + seconds;
  if (end > nowSeconds() && end < nowSeconds() + MAX_DAYS * 86_400) return end;
  throw new UsageError(`${JSON.stringify(text)} is no time to come, such as 2030-01-31, 90d, 12h or 30m`);
}

function dateOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
}

function asText({ sha256, names, send, expires, label }: StoredToken): string {
  const end = expires === undefined ? 'for ever' : `until ${isoTime(expires)}`;
  const about = label === undefined ? '' : ` (${label})`;
  const proves = names.length === 0 ? 'sends only' : `proves ${names.join(', ')}`;
  const to = send === undefined ? '' : `, writes to ${patternsText(send)}`;
  return `${idOfHash(sha256)}${about}: ${proves}${to}, ${end}`;
}

/** A token for programs, without its hash. */
function shown({ sha256, names, send, expires, label, created }: StoredToken): object {
  return { id: idOfHash(sha256), names, send, expires, label, created };
}
