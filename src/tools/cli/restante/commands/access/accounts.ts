/** What the commands of accounts and tokens share: where the file is, and what goes wrong with it. */
import { Option } from 'commander';
import { nameProblem } from '../../../../../protocol/strict/strict-name.ts';
import { AccountsLocked, changeAccounts, loadAccounts } from '../../../../../session/auth/accounts/file.ts';
import { type AccountsFile, DamagedAccounts, NO_ACCOUNTS } from '../../../../../session/auth/accounts/state.ts';
import { MAX_PATTERNS, patternProblem } from '../../../../../session/auth/patterns.ts';
import { SETTINGS } from '../../../../../shared/common/config.ts';
import { RestanteError, UsageError } from '../../../../library/index.ts';

/** The codes of what goes wrong with the file. */
const LOCKED = 'ACCOUNTS_LOCKED';
const DAMAGED = 'ACCOUNTS_DAMAGED';

/** The option of every command of accounts. @returns the folder that the broker has, too */
export function dataDirOption(): Option {
  const { fallback, help } = SETTINGS.DATA_DIR;
  // An empty variable counts as one that is not set.
  return new Option('--data-dir <folder>', help)
    .env('DATA_DIR')
    .default(fallback)
    .argParser((text, before: string) => (text === '' ? before : text));
}

/** The file as it is now. @throws RestanteError if it cannot be read */
export async function accountsIn(dataDir: string): Promise<AccountsFile> {
  return (await told(loadAccounts(dataDir))) ?? NO_ACCOUNTS;
}

/** Changes the file. @throws RestanteError if it cannot be changed, or what `change` throws */
export function change<Result>(
  dataDir: string,
  changes: (now: AccountsFile) => readonly [next: AccountsFile, result: Result],
): Promise<Result> {
  return told(changeAccounts(dataDir, changes));
}

async function told<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AccountsLocked) throw new RestanteError(LOCKED, error.message, { cause: error });
    if (error instanceof DamagedAccounts) {
      throw new RestanteError(DAMAGED, `the accounts cannot be used: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** @throws UsageError if nobody can have the name, or it is not remembered */
export function checkedName(name: string): string {
  const normal = name.normalize('NFC');
  const problem = nameProblem(Buffer.from(normal));
  if (problem !== undefined) throw new UsageError(`${JSON.stringify(name)} is no name: ${problem}`);
  if (normal.startsWith('~')) throw new UsageError('a name that begins with ~ is remembered by nobody');
  if (normal.endsWith('*')) throw new UsageError('a name that ends with * would be a pattern');
  return normal;
}

/** Patterns with commas between them. @throws UsageError if one is none */
export function patternsIn(text: string): string[] {
  const patterns = text.split(',').map((each) => each.trim().normalize('NFC'));
  for (const pattern of patterns) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) throw new UsageError(`${JSON.stringify(pattern)} is no pattern: it ${problem}`);
  }
  if (patterns.length > MAX_PATTERNS) throw new UsageError(`more than ${MAX_PATTERNS} patterns`);
  return patterns;
}

/** @returns a list of patterns as people read it */
export function patternsText(patterns: readonly string[] | undefined): string {
  return patterns === undefined ? 'anybody' : patterns.join(', ');
}

/** Now, in whole seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
