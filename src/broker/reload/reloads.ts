/**
 * Reloads of the settings while the broker runs. One is made at a time. Who asks meanwhile waits for the next one,
 * which reads the file after that; so wishes that come together are two reloads at most.
 */
import { told } from '../../shared/codes/log-line.ts';
import { ConfigError, type Problem, problemText } from '../../shared/common/config/problems.ts';
import { type Changes, type Settings, takenText } from '../../shared/common/config/settings.ts';
import type { Config } from '../../shared/common/config.ts';
import { messageOf } from '../../shared/common/errors.ts';
import { type Log, say } from '../../shared/common/log/log.ts';

/** What came of a reload. Nothing has changed unless it was taken. */
export type ReloadOutcome =
  | ({ readonly kind: 'taken' } & Changes)
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] }
  | { readonly kind: 'stopping' };

/** Whether the last reload was taken, and when the last one was that was. The start counts as one. */
export interface ReloadFigures {
  readonly successful: boolean;
  /** In seconds since 1970. */
  readonly succeededAt: number;
}

/** What reloads need of the broker. */
interface Home {
  readonly settings: Settings;
  readonly log: Log;
  /** Reads the settings again. @throws ConfigError that says all that is wrong */
  read(): Promise<Config>;
  /** Whether the broker is being stopped. Then nothing is taken any more. */
  isStopping(): boolean;
}

/** The reloads of one broker. */
export class Reloads {
  readonly #home: Home;
  #figures: ReloadFigures = { successful: true, succeededAt: secondsNow() };
  #running: Promise<unknown> = Promise.resolve();
  /** The reload that has not begun. */
  #next: Promise<ReloadOutcome> | undefined;

  constructor(home: Home) {
    this.#home = home;
  }

  get figures(): ReloadFigures {
    return this.#figures;
  }

  /** Takes the settings as they are written now. Says in the log what came of it. Never rejects. */
  reload(): Promise<ReloadOutcome> {
    this.#next ??= this.#afterThis();
    return this.#next;
  }

  #afterThis(): Promise<ReloadOutcome> {
    const next = this.#running.then(() => {
      this.#next = undefined;
      return this.#run();
    });
    this.#running = next;
    return next;
  }

  async #run(): Promise<ReloadOutcome> {
    const outcome = await this.#outcome();
    if (outcome.kind !== 'stopping') this.#note(outcome.kind === 'taken');
    this.#say(outcome);
    return outcome;
  }

  async #outcome(): Promise<ReloadOutcome> {
    const { settings, read, isStopping } = this.#home;
    const mayStill = () => !isStopping();
    if (!mayStill()) return { kind: 'stopping' };
    try {
      const changes = await settings.take(await read(), mayStill);
      return changes === undefined ? { kind: 'stopping' } : { kind: 'taken', ...changes };
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [{ text: messageOf(error) }];
      return { kind: 'wrong', problems };
    }
  }

  #note(successful: boolean): void {
    const succeededAt = successful ? secondsNow() : this.#figures.succeededAt;
    this.#figures = { successful, succeededAt };
  }

  #say(outcome: ReloadOutcome): void {
    const { log } = this.#home;
    switch (outcome.kind) {
      case 'taken':
        log.info({ changed: outcome.changed, needsRestart: outcome.needsRestart }, takenText(outcome));
        return;
      case 'wrong':
        say(log, told('RELOAD_FAILED', { problems: outcome.problems.map(problemText) }));
        return;
      case 'stopping':
        log.info('the settings are not read again: the broker is stopping');
        return;
      default:
        outcome satisfies never;
    }
  }
}

function secondsNow(): number {
  return Date.now() / 1000;
}
