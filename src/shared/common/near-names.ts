/** Environment variables that are nearly settings: most likely one that was written wrong, and has no effect. */

/** A short name has many neighbours that mean something else: so many letters may differ in a longer one only. */
const LONG_NAME_CHARACTERS = 9;
const SHORT_WORD_CHARACTERS = 4;
/** First words of settings that other programs begin their variables with too. */
const ORDINARY_WORDS: ReadonlySet<string> = new Set(['DATA', 'LOG', 'MAX', 'NAME', 'PEER', 'WRITE']);

export interface NearName {
  readonly variable: string;
  /** The settings that were probably meant, one at least. */
  readonly meant: readonly string[];
}

/**
 * The variables of `env` that are no setting, and nearly one.
 * @param settings the names of all settings
 */
export function nearNames(env: Readonly<Record<string, string | undefined>>, settings: readonly string[]): NearName[] {
  return Object.keys(env)
    .filter((variable) => env[variable] !== '' && !settings.includes(variable))
    .map((variable) => ({ variable, meant: meantBy(variable.toUpperCase(), settings) }))
    .filter(({ meant }) => meant.length > 0);
}

function meantBy(variable: string, settings: readonly string[]): readonly string[] {
  const misspelt = settings.filter((setting) => isMisspelt(variable, setting));
  if (misspelt.length > 0) return misspelt.slice(0, 1);
  const [word = '', rest] = variable.split('_', 2);
  if (rest === undefined || ORDINARY_WORDS.has(word)) return [];
  return settings.filter((setting) => setting.startsWith(`${word}_`));
}

function isMisspelt(variable: string, setting: string): boolean {
  const most = setting.length >= LONG_NAME_CHARACTERS ? 2 : 1;
  if (Math.abs(variable.length - setting.length) > most) return false;
  // HOST1 beside HOST is another program's, as a rule.
  if (most === 1 && (variable[0] !== setting[0] || /\d/.test(variable))) return false;
  // POST is no PORT: a word of four letters with one of them another is another word.
  if (setting.length <= SHORT_WORD_CHARACTERS && variable.length === setting.length) return swapped(variable, setting);
  return distance(variable, setting) <= most;
}

/** Whether two words of the same length have the same letters. */
function swapped(one: string, other: string): boolean {
  return [...one].sort().join('') === [...other].sort().join('');
}

/** How many letters were left out, put in, taken for another or swapped with the next between the two words. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= one.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      const twisted = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      rows[i]?.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + same,
          twisted ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
