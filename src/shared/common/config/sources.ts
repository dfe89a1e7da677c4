/** The settings from where an operator writes them: the environment, which wins, a file, and the defaults. */
import { type Config, readValue, SETTINGS, type SettingName, wrongValue } from '../config.ts';
import { escaped, withoutUser } from '../text.ts';
import { readConfigFile } from './file.ts';
import { nearNames } from './near-names.ts';
import { ConfigError, type Place, type Problem } from './problems.ts';
import type { Setting } from './setting.ts';
import { readToml, type TomlEntry } from './toml.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the file, where no option does. */
export const CONFIG_VARIABLE = 'RESTANTE_CONFIG';
/** So much of a value is shown. */
const MAX_SHOWN_CHARS = 60;
const NAMES = Object.keys(SETTINGS) as SettingName[];

/** Where a value comes from. */
export type Origin =
  | { readonly from: 'default' | 'environment' }
  | { readonly from: 'file'; readonly file: string; readonly place: Place };

/** Settings that were read, and where each comes from. */
export interface Sourced {
  readonly config: Config;
  readonly origins: Readonly<Record<SettingName, Origin>>;
}

interface FromFile {
  readonly text: string;
  readonly place: Place;
}

/** The file that is named by an option or else by the environment; undefined if none is. */
export function configFile(option: string | undefined, env: Environment): string | undefined {
  const named = option ?? env[CONFIG_VARIABLE];
  return named === '' ? undefined : named;
}

/**
 * Reads the settings.
 * @param file undefined for the environment alone
 * @throws ConfigError with all that is wrong
 */
export async function readSources(env: Environment, file: string | undefined): Promise<Sourced> {
  const problems: Problem[] = [];
  const found = file === undefined ? new Map<string, FromFile>() : await valuesOf(file, problems);
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, Origin>> = {};
  for (const name of NAMES) {
    const setting: Setting = SETTINGS[name];
    const inFile = found.get(name);
    const variable = env[name] === '' ? undefined : env[name];
    const read = readValue(setting, variable ?? inFile?.text ?? setting.fallback);
    if (read.fits) values[name] = read.value;
    else problems.push({ text: wrongValue(name, quoted(setting, JSON.stringify(variable)), read.mustBe) });
    if (variable !== undefined) origins[name] = { from: 'environment' };
    else if (inFile === undefined || file === undefined) origins[name] = { from: 'default' };
    else origins[name] = { from: 'file', file, place: inFile.place };
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: Object.freeze(values) as Config, origins: origins as Sourced['origins'] };
}

/** The values of a file that fit. What does not is put to the problems, whatever the environment says. */
async function valuesOf(file: string, problems: Problem[]): Promise<Map<string, FromFile>> {
  const reading = readToml(await readConfigFile(file));
  if (!reading.valid) throw new ConfigError([{ file, place: reading.place, text: reading.text }]);
  const found = new Map<string, FromFile>();
  for (const entry of reading.entries) {
    const read = readEntry(entry);
    if (read.fits) found.set(entry.name, { text: read.text, place: entry.place });
    else problems.push({ file, place: read.place, text: read.text });
  }
  return found;
}

type ReadEntry =
  | { readonly fits: true; readonly text: string }
  | { readonly fits: false; readonly place: Place; readonly text: string };

function readEntry(entry: TomlEntry): ReadEntry {
  const { name, source, elementPlaces } = entry;
  if (!Object.hasOwn(SETTINGS, name)) return { fits: false, place: entry.place, text: unknownKey(entry) };
  const setting: Setting = SETTINGS[name as SettingName];
  const refused = (place = entry.valuePlace, written = source): ReadEntry => {
    return { fits: false, place, text: wrongValue(name, quoted(setting, written), mustBeOf(setting)) };
  };
  if (Array.isArray(entry.value) && setting.form === 'list') {
    for (const [index, element] of entry.value.entries()) {
      const read = typeof element === 'string' && !element.includes(',') ? readValue(setting, element) : undefined;
      if (read?.fits !== true) return refused(elementPlaces[index], JSON.stringify(element));
    }
  }
  const text = textOf(entry.value, setting);
  const read = text === undefined ? undefined : readValue(setting, text);
  if (text === undefined || read?.fits !== true) return refused();
  return { fits: true, text };
}

/** What a setting may be: what it says to a text that is none. */
function mustBeOf(setting: Setting): string {
  const read = readValue(setting, '');
  return read.fits ? 'a text' : read.mustBe;
}

function unknownKey({ name, value }: TomlEntry): string {
  const what = `${short(name)} is no setting`;
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
    return `${what}, and there are no tables: settings stand at the top`;
  }
  const meant = nearNames({ [name]: name }, NAMES)[0]?.meant ?? [];
  return meant.length === 0 ? what : `${what}: was ${meant.join(' or ')} meant?`;
}

/** A value as the environment has it. @returns undefined if it cannot be one of the setting */
function textOf(value: unknown, { form }: Setting): string | undefined {
  if (typeof value === 'string') return value;
  if (form === 'text') return undefined;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (form === 'list' && Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return undefined;
}

/** A value as it was written, short and harmless. @returns undefined if it must not be shown */
function quoted({ secret }: Setting, written: string | undefined): string | undefined {
  return secret || written === undefined ? undefined : short(withoutUser(written));
}

function short(text: string): string {
  return escaped(text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text);
}
