/**
 * Keeps the accounts of a running broker as the file has them. It looks at the file when the system says that its
 * folder has changed, and once a second in any case, because some file systems say nothing. A file that is damaged or
 * gone changes nothing: the accounts that were read last go on.
 */
import { type FSWatcher, watch } from 'node:fs';
import { told } from '../../../shared/codes/log-line.ts';
import { EXIT_FAILED, messageOf, StartError } from '../../../shared/common/errors.ts';
import { type Log, say } from '../../../shared/common/log/log.ts';
import { accountsFolder, type FileMark, loadAccounts, makeAccountsFolder, markOfAccounts } from './file.ts';
import { Accounts, NO_ACCOUNTS } from './state.ts';

const LOOK_EVERY_MS = 1_000;
/** The mark of a file that could not be asked for. */
const UNKNOWN = 'unknown';

/** The accounts of one broker. */
export class AccountsKeeper {
  readonly #dataDir: string;
  readonly #log: Log;
  readonly #changed: () => void;
  #accounts = new Accounts(NO_ACCOUNTS);
  #mark: FileMark | undefined;
  #timer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #looking = false;
  #lookAgain = false;

  private constructor(dataDir: string, log: Log, changed: () => void) {
    this.#dataDir = dataDir;
    this.#log = log;
    this.#changed = changed;
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
      keeper.#mark = await markOfAccounts(dataDir);
      keeper.#accounts = new Accounts((await loadAccounts(dataDir)) ?? NO_ACCOUNTS);
    } catch (error) {
      const where = `the accounts in ${accountsFolder(dataDir)}`;
      throw new StartError(`${where} cannot be read: ${messageOf(error)}`, EXIT_FAILED, { cause: error });
    }
    keeper.#watch();
    keeper.#timer = setInterval(() => void keeper.look(), LOOK_EVERY_MS);
    keeper.#timer.unref();
    return keeper;
  }

  get accounts(): Accounts {
    return this.#accounts;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }

  /** Takes the file if it has changed. */
  async look(): Promise<void> {
    // What changes during a look is looked at after it.
    this.#lookAgain = this.#looking;
    if (this.#looking) return;
    this.#looking = true;
    do {
      this.#lookAgain = false;
      await this.#take();
    } while (this.#lookAgain);
    this.#looking = false;
  }

  async #take(): Promise<void> {
    let mark: FileMark | undefined = UNKNOWN;
    try {
      mark = await markOfAccounts(this.#dataDir);
      if (mark === this.#mark) return;
      const file = await loadAccounts(this.#dataDir);
      if (file === undefined) this.#keep('the file is gone');
      else {
        this.#accounts = new Accounts(file);
        this.#log.info({ accounts: file.accounts.length, tokens: file.tokens.length }, 'accounts have changed');
        this.#changed();
      }
    } catch (error) {
      if (mark !== this.#mark) this.#keep(messageOf(error));
    }
    this.#mark = mark;
  }

  #keep(reason: string): void {
    say(this.#log, told('ACCOUNTS_REFUSED', { reason, file: accountsFolder(this.#dataDir) }));
  }

  #watch(): void {
    try {
      this.#watcher = watch(accountsFolder(this.#dataDir), { persistent: false }, () => void this.look());
      this.#watcher.on('error', () => this.#watcher?.close()); // the timer goes on
    } catch {
      // There is nothing to watch with, or too many watch already. The timer looks all the same.
    }
  }
}
