/** Settings of a TOML file: each key at its top, with its value and their places. */
import { parse, TomlError } from 'smol-toml';
import { type Place, Places } from './problems.ts';
import { statementsOf } from './toml-statements.ts';

/** Deeper values are refused before they are looked at; no setting has such. */
const MAX_DEPTH = 8;

/** A key with its value. */
export interface TomlEntry {
  readonly name: string;
  readonly value: unknown;
  /** Where the key stands. For a table that is where its first key or its heading does. */
  readonly place: Place;
  /** Where the value begins. */
  readonly valuePlace: Place;
  /** Where each element of a list begins. */
  readonly elementPlaces: readonly Place[];
  /** The value as it was written. */
  readonly source: string;
}

/** What a file says, or where it is no TOML. */
export type TomlReading =
  | { readonly valid: true; readonly entries: readonly TomlEntry[] }
  | { readonly valid: false; readonly place: Place; readonly text: string };

/** Reads a text. */
export function readToml(text: string): TomlReading {
  try {
    const values = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: MAX_DEPTH });
    return { valid: true, entries: entriesOf(text, values) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    return { valid: false, place: { line, column }, text: reasonOf(error) };
  }
}

/** The package shows the line, too. It may have a secret. */
function reasonOf({ message }: TomlError): string {
  return `this is no TOML: ${(message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '')}`;
}

function entriesOf(text: string, values: Readonly<Record<string, unknown>>): TomlEntry[] {
  const places = new Places(text);
  const found = new Map<string, TomlEntry>();
  for (const { key, start, valueStart, valueEnd, elements } of statementsOf(text)) {
    const name = nameOf(key);
    // A table may have several statements.
    if (found.has(name)) continue;
    found.set(name, {
      name,
      value: values[name],
      place: places.at(start),
      valuePlace: places.at(valueStart),
      elementPlaces: elements.map((at) => places.at(at)),
      source: text.slice(valueStart, valueEnd),
    });
  }
  return [...found.values()];
}

/** The name that a key stands for: it may be in quotes, and have escapes. */
function nameOf(key: string): string {
  return Object.keys(parse(`${key} = 0`))[0] ?? key;
}
