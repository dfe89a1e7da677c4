/** Every setting as documents have it: a table in Markdown, and a file in TOML to begin with. */
import { type Config, SETTINGS, type SettingName } from '../config.ts';
import type { Setting, Takes } from './setting.ts';
import { shownValue } from './settings.ts';

/** When a new value counts, for people. */
const TAKES: Readonly<Record<Takes, string>> = {
  'at once': 'at a reload',
  'new sessions': 'at a reload, for sessions that begin after it',
  restart: 'at a restart',
};
const HEAD = `# The settings of Restante, each with its default. Take the # away from a line to change one.
# A variable of the environment with the same name wins. "restante config check FILE" says what is wrong in a file.
`;

function rows(): [SettingName, Setting][] {
  return Object.entries(SETTINGS) as [SettingName, Setting][];
}

/** All settings as a table in Markdown. */
export function settingsTable(): string {
  const lines = rows().map(([name, { fallback, computed, takes, help }]) => {
    return `| \`${name}\` | ${computed ?? `\`${fallback}\``} | ${TAKES[takes]} | ${help.replaceAll('|', '\\|')} |`;
  });
  return ['| setting | default | a new value counts | meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** All settings as a file whose lines are comments. */
export function exampleToml(): string {
  const parts = rows().map(([name, setting]) => {
    const { fallback, computed, takes, help, form } = setting;
    const value = computed === undefined ? tomlText(fallback, form) : `1 # default: ${computed}`;
    return `\n# ${help}\n# A new value counts ${TAKES[takes]}.\n#${name} = ${value}\n`;
  });
  return HEAD + parts.join('');
}

/** A value in force, as a file has it. That of a secret is never shown. */
export function tomlValue(name: SettingName, value: Config[SettingName]): string {
  const setting: Setting = SETTINGS[name];
  return tomlText(shownValue(setting, value), setting.form);
}

function tomlText(text: string, form: Setting['form']): string {
  if (form === 'list') return text === 'none' ? '[]' : `[${text.split(',').map(quoted).join(', ')}]`;
  return form === 'any' && /^\d+(\.\d+)?$/.test(text) ? text : quoted(text);
}

/** A basic string of TOML, whose escapes are those of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
