/**
 * Who may import whom. Each folder opens with a README, whose line "May import" is the law of its room: the folder and
 * the folders in it that have no law of their own. No file waits for another in a circle, but for types.
 */
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, textOf } from '../../helpers/project.ts';

interface Import {
  readonly file: string;
  readonly imported: string;
  readonly typesOnly: boolean;
}

interface Law {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

const files = filesIn('src', 'workers');
const code = files.filter((file) => file.endsWith('.ts'));
const laws = new Map(
  files.flatMap((file) => {
    const law = file.endsWith('README.md') ? lawOf(textOf(file)) : undefined;
    return law === undefined ? [] : [[dirname(file), law] as const];
  }),
);

function lawOf(readme: string): Law | undefined {
  const line = /^May import: (.*)\.$/m.exec(readme)?.[1];
  if (line === undefined) return undefined;
  const named = [...line.matchAll(/(types of )?`([^`]+)`/g)].map(([, types, folder = '']) => ({ types, folder }));
  return {
    values: named.filter(({ types }) => types === undefined).map(({ folder }) => folder),
    types: named.map(({ folder }) => folder),
  };
}

/** The folder whose law holds for a file. */
function roomOf(file: string): string {
  let folder = dirname(file);
  while (folder !== '.' && !laws.has(folder)) folder = dirname(folder);
  return folder;
}

function isIn(folder: string, file: string): boolean {
  return !relative(folder, file).startsWith('..');
}

function importsOf(file: string): Import[] {
  const text = textOf(file);
  const found = text.matchAll(
    /(?:^|\n)(import type|export type|import|export)\s[^;]*?\sfrom '(\.[^']+)'|import\('(\.[^']+)'\)/g,
  );
  return [...found].map(([, how, named, loaded]) => ({
    file,
    imported: normalize(join(dirname(file), named ?? loaded ?? '')),
    typesOnly: how === 'import type' || how === 'export type',
  }));
}

const imports = code.flatMap(importsOf);

describe('the rooms', () => {
  it('have a law each, and a README in every folder', () => {
    const folders = new Set(code.map((file) => dirname(file)));
    const without = [...folders].filter((folder) => roomOf(join(folder, 'any.ts')) === '.');
    expect(without).toEqual([]);
    expect(laws.size).toBeGreaterThan(15);
  });

  it('import what their READMEs say, and nothing else', () => {
    expect(imports.length).toBeGreaterThan(400);
    const against = imports.filter(({ file, imported, typesOnly }) => {
      const room = roomOf(file);
      const law = laws.get(room);
      const allowed = (typesOnly ? law?.types : law?.values) ?? [];
      return roomOf(imported) !== room && !allowed.some((folder) => isIn(folder, imported));
    });
    expect(against).toEqual([]);
  });

  it('do not say that they import what they do not', () => {
    const unused = [...laws].flatMap(([room, law]) =>
      law.types
        .filter((folder) => !imports.some(({ file, imported }) => roomOf(file) === room && isIn(folder, imported)))
        .map((folder) => `${room} imports nothing of ${folder}`),
    );
    expect(unused).toEqual([]);
  });

  it('have no file that imports itself by way of others', () => {
    const needs = new Map<string, string[]>();
    for (const { file, imported, typesOnly } of imports) {
      if (!typesOnly) needs.set(file, [...(needs.get(file) ?? []), imported]);
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (needs.get(from) ?? []).some((next) => {
        if (next === to) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, to, seen);
      });
    expect(code.filter((file) => reaches(file, file))).toEqual([]);
  });

  it.each([
    ['the plain protocol', 'src/protocol/plain/', ['src/broker/reload/session-host.ts', 'workers/names/name.ts']],
    [
      'TCP',
      'src/transport/tcp.ts',
      ['src/transport/listener.ts', 'src/transport/secure/handshakes.ts', 'src/transport/secure/tls.ts'],
    ],
  ])('name %s only where the parts are put together', (_what, file, where) => {
    const users = imports.filter((each) => each.imported.startsWith(file) && !each.file.startsWith('src/protocol/'));
    expect([...new Set(users.map((each) => each.file))]).toEqual(where);
  });

  it('of the client know nothing of Node but in the transport for TCP and TLS, and import no module of it there', () => {
    const client = code.filter((file) => file.startsWith('src/tools/library/'));
    expect(client.length).toBeGreaterThan(20);
    const node = client.filter((file) => /'node:|\bBuffer\b|\bprocess\b[.?} ]/.test(textOf(file)));
    const allowed = ['tcp.ts', 'tls.ts'].map((file) => `src/tools/library/transport/${file}`);
    expect(node.toSorted()).toEqual(allowed);
    for (const file of allowed) expect(textOf(file)).not.toMatch(/^import (?!type)[^;]*'node:/m);
  });

  it('of a shard’s logic know no threads', () => {
    const threads = code.filter(
      (file) => file.startsWith('workers/') && textOf(file).includes("'node:worker_threads'"),
    );
    expect(threads).toEqual([]);
  });
});
