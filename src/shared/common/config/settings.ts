/**
 * The settings in force while a broker runs. New ones are taken all or nothing: every part says first what it would do,
 * and nothing is changed unless all of them can.
 */
import { type Config, SETTINGS, type SettingName } from '../config.ts';
import type { Setting } from './setting.ts';

/** A part of the broker that takes new settings, or reads again what they name. */
export interface Part {
  /**
   * Checks and loads all that the part will need. Nothing of the part may change yet.
   * @param next the settings as they will be, where those that need a restart are as they are
   * @returns what makes the part go over to them; it must not throw
   * @throws Error that says what is wrong, and then no part goes over
   */
  prepare(next: Config): (() => void) | Promise<() => void>;
}

/** A setting that is different, with its values as an operator writes them. */
interface Change {
  readonly name: SettingName;
  readonly from: string;
  readonly to: string;
}

/** What new settings have changed. */
export interface Changes {
  readonly changed: readonly Change[];
  /** Settings that stay as they are until the broker is started again. */
  readonly needsRestart: readonly Change[];
}

/** What a reload has changed, in one line. */
export function takenText({ changed, needsRestart }: Changes): string {
  const now = changed.length === 0 ? 'nothing has changed' : changed.map(changeText).join(', ');
  const later = needsRestart.length === 0 ? '' : `; after a restart: ${needsRestart.map(changeText).join(', ')}`;
  return `the settings were read again: ${now}${later}`;
}

function changeText({ name, from, to }: Change): string {
  return `${name} from ${from} to ${to}`;
}

/** The settings of a running broker. */
export class Settings {
  #current: Config;
  readonly #parts: Part[] = [];

  constructor(config: Config) {
    this.#current = config;
  }

  /** The settings in force. The object is frozen, and another one after a change. */
  get current(): Config {
    return this.#current;
  }

  /** Has a part take part in every reload from now on. */
  add(part: Part): void {
    this.#parts.push(part);
  }

  /**
   * Goes over to new settings, as far as a running broker can.
   * @param mayStill is asked once all parts are ready; if it says no, nothing is changed
   * @returns undefined if it said no
   * @throws what a part throws that cannot go over; nothing has changed then
   */
  async take(next: Config, mayStill: () => boolean = () => true): Promise<Changes | undefined> {
    const differences = differencesOf(this.#current, next);
    const takes = ({ name }: Change) => SETTINGS[name].takes !== 'restart';
    const changed = differences.filter(takes);
    const needsRestart = differences.filter((difference) => !takes(difference));
    const taken = Object.fromEntries(changed.map(({ name }) => [name, next[name]]));
    const merged: Config = Object.freeze({ ...this.#current, ...taken });
    const steps: (() => void)[] = [];
    for (const part of this.#parts) steps.push(await part.prepare(merged));
    if (!mayStill()) return undefined;
    this.#current = merged;
    for (const step of steps) step();
    return { changed, needsRestart };
  }
}

function differencesOf(before: Config, next: Config): Change[] {
  const names = Object.keys(SETTINGS) as SettingName[];
  return names
    .filter((name) => plainText(before[name]) !== plainText(next[name]))
    .map((name) => ({
      name,
      from: shownValue(SETTINGS[name], before[name]),
      to: shownValue(SETTINGS[name], next[name]),
    }));
}

/** A value as an operator writes it; that of a secret is never shown. */
export function shownValue({ secret }: Pick<Setting, 'secret'>, value: Config[SettingName]): string {
  return secret ? '(secret)' : plainText(value);
}

function plainText(value: Config[SettingName]): string {
  if (typeof value === 'object') return value.length === 0 ? 'none' : value.join(',');
  return value === Number.POSITIVE_INFINITY ? 'unlimited' : String(value);
}
