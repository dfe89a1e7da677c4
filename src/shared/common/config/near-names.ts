/**
 * Finds environment variables that are nearly the name of a setting. Most likely they are misspelt, and have no effect.
 */

/**
 * Two letters may differ in a name of this length, and one in a shorter one: short names have many neighbours that mean
 * something else.
 */
const LONG_NAME_CHARACTERS = 10;
/** In a setting of at most this length a replaced letter does not count as misspelt: it makes another word. */
const SHORT_WORD_CHARACTERS = 4;
/** First words of settings with which variables of other programs begin too. */
const ORDINARY_WORDS: ReadonlySet<string> = new Set(['DATA', 'HTTP', 'LOG', 'MAX', 'NAME', 'PEER', 'WRITE']);

/** A variable that is nearly a setting. */
export interface NearName {
  readonly variable: string;
  /** The settings that were probably meant: at least one. */
  readonly meant: readonly string[];
}

/**
 * @returns the variables of `env` that are no setting, but nearly one
 * @param settings the names of all settings
 */
export function nearNames(env: Readonly<Record<string, string | undefined>>, settings: readonly string[]): NearName[] {
  return Object.keys(env)
    .filter((variable) => env[variable] !== '' && !settings.includes(variable))
    .map((variable) => ({ variable, meant: meantBy(variable.toUpperCase(), settings) }))
    .filter(({ meant }) => meant.length > 0);
}

function meantBy(variable: string, settings: readonly string[]): readonly string[] {
  // That is another word, though it has but one letter more than HTTP.
  if (variable.startsWith('HTTPS_')) return [];
  const misspelt = settings.filter((setting) => isMisspelt(variable, setting));
  if (misspelt.length > 0) return misspelt.slice(0, 1);
  const [word = '', rest] = variable.split('_', 2);
  if (rest === undefined || ORDINARY_WORDS.has(word)) return [];
  return settings.filter((setting) => setting.startsWith(`${word}_`));
}

function isMisspelt(variable: string, setting: string): boolean {
  const most = setting.length >= LONG_NAME_CHARACTERS ? 2 : 1;
  if (Math.abs(variable.length - setting.length) > most) return false;
  // A variable such as HOST1 usually belongs to another program.
  if (most === 1 && (variable[0] !== setting[0] || /\d/.test(variable))) return false;
  // POST is not meant as PORT: with four letters, one other letter makes another word.
  if (setting.length <= SHORT_WORD_CHARACTERS && variable.length === setting.length) return swapped(variable, setting);
  return distance(variable, setting) <= most;
}

/** Whether two words have the same letters. */
function swapped(one: string, other: string): boolean {
  return [...one].sort().join('') === [...other].sort().join('');
}

/** The edit distance of two words: how many letters are left out, put in, replaced, or swapped with the next. */
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
