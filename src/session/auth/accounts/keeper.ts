/**
 * Keeps the accounts of a running broker as the file has them. A file that is damaged or gone changes nothing: the
 * accounts that were read last go on.
 */
import { told } from '../../../shared/codes/log-line.ts';
import { EXIT_FAILED, messageOf, StartError } from '../../../shared/common/errors.ts';
import { type Log, say } from '../../../shared/common/log/log.ts';
import { FileWatch } from '../../../shared/files/file-watch.ts';
import { accountsFile, accountsFolder, loadAccounts, makeAccountsFolder } from './file.ts';
import { Accounts, NO_ACCOUNTS } from './state.ts';

/** The file is replaced whole, so nothing has to settle. */
const TIMES = { pollMs: 1_000, settleMs: 0 };

const ignored = () => undefined;

/** The accounts of one broker. */
export class AccountsKeeper {
  readonly #dataDir: string;
  readonly #log: Log;
  readonly #changed: () => void;
  #accounts = new Accounts(NO_ACCOUNTS);
  #reading: Promise<void> = Promise.resolve();
  readonly #watch: FileWatch;

  private constructor(dataDir: string, log: Log, changed: () => void) {
    this.#dataDir = dataDir;
    this.#log = log;
    this.#changed = changed;
    this.#watch = new FileWatch([accountsFile(dataDir)], () => this.#readAgain(), TIMES);
  }

  /**
   * Reads the file, and watches it from then on.
   * @param changed is called after other accounts were taken
   * @throws StartError if it cannot be read: there are no accounts that could go on
   */
  static async open(dataDir: string, log: Log, changed: () => void): Promise<AccountsKeeper> {
    const keeper = new AccountsKeeper(dataDir, log, changed);
    try {
      await makeAccountsFolder(dataDir);
      await keeper.#watch.start();
      const first = loadAccounts(dataDir);
      // A change that comes now is read behind it.
      keeper.#reading = first.then(ignored, ignored);
      keeper.#accounts = new Accounts((await first) ?? NO_ACCOUNTS);
    } catch (error) {
      keeper.close();
      const where = `the accounts in ${accountsFolder(dataDir)}`;
      throw new StartError(`${where} cannot be read: ${messageOf(error)}`, EXIT_FAILED, { cause: error });
    }
    return keeper;
  }

  get accounts(): Accounts {
    return this.#accounts;
  }

  close(): void {
    this.#watch.end();
  }

  /** Reads the file after the reads that were asked for before. */
  #readAgain(): void {
    this.#reading = this.#reading.then(() => this.#read());
  }

  async #read(): Promise<void> {
    try {
      const file = await loadAccounts(this.#dataDir);
      if (file === undefined) this.#keep('the file is gone');
      else {
        this.#accounts = new Accounts(file);
        this.#log.info({ accounts: file.accounts.length, tokens: file.tokens.length }, 'accounts have changed');
        this.#changed();
      }
    } catch (error) {
      this.#keep(messageOf(error));
    }
  }

  #keep(reason: string): void {
    say(this.#log, told('ACCOUNTS_REFUSED', { reason, file: accountsFolder(this.#dataDir) }));
  }
}
