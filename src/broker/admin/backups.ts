/** Gives out backups of a broker that runs, one at a time. */
import { accountsForBackup } from '../../session/auth/accounts/file.ts';
import { told } from '../../shared/codes/log-line.ts';
import type { Settings } from '../../shared/common/config/settings.ts';
import { messageOf } from '../../shared/common/errors.ts';
import { type Log, say } from '../../shared/common/log/log.ts';
import { backupBytes } from '../../store/backup/backup.ts';
import { recordBytes } from '../../store/backup/records.ts';
import type { Database } from '../../store/database.ts';
import type { StoreGuard } from '../../store/guard/store-guard.ts';
import type { Health } from '../broker-view.ts';
import type { BackupAnswer } from './admin-view.ts';

const STOPPING = 'the broker is stopping';

/** What is needed of a broker. */
interface BackedUp {
  readonly settings: Pick<Settings, 'current'>;
  readonly log: Log;
  health(): Pick<Health, 'draining'>;
  readonly store: Pick<StoreGuard, 'database'>;
}

export class Backups {
  readonly #of: BackedUp;
  #underWay = false;

  constructor(of: BackedUp) {
    this.#of = of;
  }

  /** Begins a backup. @param withSecrets whether who asks may have accounts, and the mail of proved names */
  async begin(withSecrets: boolean): Promise<BackupAnswer> {
    if (this.#underWay) return { state: 'under way' };
    const { AUTH, HOLD_SECONDS, DATA_DIR } = this.#of.settings.current;
    if (HOLD_SECONDS === 0) return { state: 'nothing' };
    this.#underWay = true;
    try {
      const accounts = await accountsForBackup(DATA_DIR);
      // Where names are proved, by whatever proof, a user of this machine must not read the mail of all.
      if ((AUTH !== 'off' || accounts !== undefined) && !withSecrets) return this.#none({ state: 'secret' });
      const db = this.#of.store.database;
      if (db === undefined) return this.#none({ state: 'unreadable', reason: 'the store is closed' });
      const pieces = this.#pieces(db, accounts);
      const { value: head } = await pieces.next();
      return head === undefined ? { state: 'unreadable', reason: 'it is empty' } : { state: 'backup', head, pieces };
    } catch (error) {
      return this.#none(this.#isStopping ? { state: 'stopping' } : { state: 'unreadable', reason: messageOf(error) });
    }
  }

  #none(answer: BackupAnswer): BackupAnswer {
    this.#underWay = false;
    return answer;
  }

  get #isStopping(): boolean {
    return this.#of.health().draining;
  }

  /**
   * The bytes of a backup. If the store cannot be read to its end, they say so, and so does the log. A broker that
   * stops closes its store under a backup: that is no damage, and only the bytes say it.
   */
  async *#pieces(db: Database, accounts: string | undefined): AsyncGenerator<Uint8Array, undefined> {
    const since = performance.now();
    const { log } = this.#of;
    let entries: number | undefined;
    try {
      entries = yield* this.#untilStopping(backupBytes(db, accounts));
    } catch (error) {
      const reason = this.#isStopping ? STOPPING : messageOf(error);
      if (!this.#isStopping) say(log, told('BACKUP_FAILED', { reason }));
      yield recordBytes('failed', reason);
    } finally {
      this.#underWay = false;
      const seconds = Math.round(performance.now() - since) / 1000;
      log.info(
        { entries: entries ?? null, seconds },
        entries === undefined ? 'a backup was broken off' : 'backup made',
      );
    }
  }

  /** Ends before the store is closed, so that who takes the backup still hears why. */
  async *#untilStopping(bytes: AsyncGenerator<Uint8Array, number>): AsyncGenerator<Uint8Array, number> {
    try {
      for (let read = await bytes.next(); ; read = await bytes.next()) {
        if (read.done === true) return read.value;
        if (this.#isStopping) throw new Error(STOPPING);
        yield read.value;
      }
    } finally {
      await bytes.return(0);
    }
  }
}
