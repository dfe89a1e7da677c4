/** The authentication of a broker, as AUTH says: nobody is asked, or accounts are kept and proofs checked. */
import { setTimeout as sleep } from 'node:timers/promises';
import { told } from '../../shared/codes/log-line.ts';
import type { Config } from '../../shared/common/config.ts';
import { type Log, RateLimitedWarnings, say } from '../../shared/common/log/log.ts';
import { isLoopback } from '../../shared/visitors/loopback.ts';
import { AccountAuthenticator } from './account-authenticator.ts';
import { AccountsKeeper } from './accounts/keeper.ts';
import { AuthCounts } from './auth-counts.ts';
import { type Authenticator, EVERYBODY } from './authenticator.ts';
import { Failures } from './limits/failures.ts';
import { NamePatterns } from './patterns.ts';
import { JwtChecks } from './proofs/jwt.ts';
import { PasswordChecks, PasswordThreads } from './proofs/password-checks.ts';

/** What a broker has of it. */
export interface Auth {
  readonly authenticator: Authenticator;
  readonly counts: AuthCounts;
  close(): Promise<void>;
}

/**
 * Opens it. With AUTH=off nothing is read or started.
 * @throws StartError if the accounts or the key of JWT cannot be read
 */
export async function openAuth(config: Config, log: Log): Promise<Auth> {
  const counts = new AuthCounts();
  const { AUTH: mode } = config;
  if (mode === 'off') {
    warnOfNetwork(config, log);
    return { authenticator: EVERYBODY, counts, close: () => Promise.resolve() };
  }
  const warnings = new RateLimitedWarnings(log);
  const jwt = await JwtChecks.open(config, (reason) => warnings.warn(told('AUTH_KEYS_UNREACHABLE', { reason })));
  const threads = new PasswordThreads();
  const keeper = await AccountsKeeper.open(config.DATA_DIR, log, () => authenticator.changed());
  const defaultSend = new NamePatterns(config.AUTH_DEFAULT_SEND);
  const authenticator = new AccountAuthenticator({
    mode,
    defaultSend: defaultSend.coverAll ? undefined : defaultSend,
    accounts: () => keeper.accounts,
    passwords: new PasswordChecks(threads.check),
    jwt,
    failures: new Failures(),
    counts,
    now: () => performance.now(),
    // A broker that stops does not wait for those who have failed.
    delay: (ms) => sleep(Math.max(0, ms), undefined, { ref: false }),
  });
  warnOfNobody(mode, keeper, jwt, log);
  return {
    authenticator,
    counts,
    close: async () => {
      keeper.close();
      jwt?.close();
      await threads.close();
    },
  };
}

function warnOfNobody(mode: Config['AUTH'], { accounts }: AccountsKeeper, jwt: JwtChecks | undefined, log: Log): void {
  const hasNobody = accounts.byName.size === 0 && accounts.tokens.size === 0 && jwt === undefined;
  if (mode === 'required' && hasNobody) say(log, told('AUTH_NOBODY', {}));
}

function warnOfNetwork({ HOST, HTTP_HOST, HTTP_PORT }: Config, log: Log): void {
  const open = [HOST, ...(HTTP_PORT === 'off' ? [] : [HTTP_HOST])].find((host) => !isReachedFromHere(host));
  if (open !== undefined) say(log, told('AUTH_OFF', { host: open }));
}

/** Whether an address to listen on is reached from this machine alone. */
export function isReachedFromHere(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}
