/**
 * Checks that each block of commands in a document is run by a test of this folder, or is marked with a reason why not.
 */
import { describe, expect, it } from 'vitest';
import { documents, filesIn, textOf } from '../../helpers/project.ts';
import { blocksOf, reasonNotToRun } from './blocks.ts';

/** The reasons that may stand behind `not-run:` in a document, and their meanings. */
const REASONS: Readonly<Record<string, string>> = {
  compose: '.ci/run starts the broker and the swarm with Compose',
  system: 'it changes the system: its users, its services, and folders that only root may write',
  tests: 'it runs all tests, this one too',
  tls: 'test/e2e/transports/tls/outside.test.ts does the same, at ports that are free',
  long: 'it measures for minutes, on a machine that does nothing else',
};

const blocks = documents().flatMap((document) => blocksOf(document).map((block) => ({ document, ...block })));
const tests = filesIn('test/e2e/documents').map(textOf);
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> };

describe('every block of commands', () => {
  it('is in a known language', () => {
    expect(blocks.length).toBeGreaterThan(30);
    expect(blocks.filter(({ language }) => !['sh', 'console', 'program'].includes(language))).toEqual([]);
  });

  it('is marked with a known reason, or is in a document that a test plays', () => {
    const neither = blocks.filter((block) => {
      const reason = reasonNotToRun(block);
      return reason === undefined
        ? !tests.some((text) => text.includes(`playDocument('${block.document}'`))
        : REASONS[reason] === undefined;
    });
    expect(neither).toEqual([]);
    expect(new Set(blocks.flatMap((block) => reasonNotToRun(block) ?? []))).toEqual(new Set(Object.keys(REASONS)));
  });
});

it('every script that a document names is in package.json', () => {
  const named = documents().flatMap((document) =>
    [...textOf(document).matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, script = '']) => ({
      document,
      script,
    })),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
});

it('every test that a document names to run is there', () => {
  const named = documents().flatMap((document) =>
    [...textOf(document).matchAll(/\bvitest run (\S+?)(?: -t '([^']+)')?[`\n]/g)].map(([, path = '', name = '']) => ({
      document,
      path,
      name,
    })),
  );
  expect(named.length).toBeGreaterThan(2);
  const missing = named.filter(
    ({ path, name }) => !filesIn('test').some((file) => file.startsWith(path) && textOf(file).includes(name)),
  );
  expect(missing).toEqual([]);
});
