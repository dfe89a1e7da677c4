/** The accounts and tokens of a broker, as the file has them, and as they are looked up. */
import { z } from 'zod';
import { MAX_PATTERNS, NamePatterns, patternProblem } from '../patterns.ts';
import { readStored, type StoredPassword } from './password.ts';
import { idOfHash } from './secret.ts';

export const MAX_ACCOUNTS = 10_000;
export const MAX_TOKENS = 10_000;
/** The largest file that is read. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
export const MAX_LABEL_CHARACTERS = 128;
const MAX_NAME_CHARACTERS = 1_024;

const pattern = z.string().refine((text) => patternProblem(text) === undefined, 'is no pattern');
const patterns = z.array(pattern).max(MAX_PATTERNS);
const seconds = z.number().int().nonnegative();

const account = z.strictObject({
  name: z.string().min(1).max(MAX_NAME_CHARACTERS),
  /** Left out: it is proved by tokens alone. */
  password: z
    .string()
    .refine((text) => readStored(text) !== undefined, 'is no stored password')
    .optional(),
  /** Whom it may write to. Left out: anybody. */
  send: patterns.optional(),
  created: seconds,
});

const token = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256'),
  /** The names that it proves. None: it only sends, without a name. */
  names: patterns,
  send: patterns.optional(),
  /** In seconds since 1970. Left out: never. */
  expires: seconds.optional(),
  label: z.string().max(MAX_LABEL_CHARACTERS).optional(),
  created: seconds,
});

const file = z.strictObject({
  version: z.literal(1),
  accounts: z.array(account).max(MAX_ACCOUNTS),
  tokens: z.array(token).max(MAX_TOKENS),
});

/** What the file has. */
export type AccountsFile = z.infer<typeof file>;
export type StoredAccount = AccountsFile['accounts'][number];
export type StoredToken = AccountsFile['tokens'][number];

export const NO_ACCOUNTS: AccountsFile = { version: 1, accounts: [], tokens: [] };

/** The file cannot be taken. Its message quotes nothing of it. */
export class DamagedAccounts extends Error {
  override readonly name = 'DamagedAccounts';
}

/** @throws DamagedAccounts if the text is not what this version writes */
export function readAccounts(text: string): AccountsFile {
  const result = file.safeParse(jsonOf(text));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new DamagedAccounts(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'wrong'}`);
  }
  const names = new Set(result.data.accounts.map(({ name }) => name));
  if (names.size < result.data.accounts.length) throw new DamagedAccounts('accounts: a name is there twice');
  return result.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser would quote a part of the file.
    throw new DamagedAccounts('it is no JSON');
  }
}

/** An account, as it is looked up. */
export interface Account {
  readonly password: StoredPassword | undefined;
  /** What is stored of the password, which changes with it. */
  readonly stored: string | undefined;
  readonly send: NamePatterns | undefined;
}

/** A token, as it is looked up. */
export interface Token {
  readonly id: string;
  readonly names: NamePatterns;
  readonly send: NamePatterns | undefined;
  readonly expires: number | undefined;
}

/** Accounts and tokens by what they are looked up by. They never change: a new file makes new ones. */
export class Accounts {
  readonly byName: ReadonlyMap<string, Account>;
  readonly tokens: ReadonlyMap<string, Token>;

  constructor({ accounts, tokens }: AccountsFile) {
    const send = (texts: readonly string[] | undefined) => (texts === undefined ? undefined : new NamePatterns(texts));
    this.byName = new Map(
      accounts.map(({ name, password, send: to }) => [
        name,
        { password: password === undefined ? undefined : readStored(password), stored: password, send: send(to) },
      ]),
    );
    this.tokens = new Map(
      tokens.map(({ sha256, names, send: to, expires }) => [
        sha256,
        { id: idOfHash(sha256), names: new NamePatterns(names), send: send(to), expires },
      ]),
    );
  }
}
