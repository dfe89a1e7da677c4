/** Who may import from whom: the two sides of a data port share only what crosses it. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Each import of a file in `folder`, as `file -> what it names`. */
function importsOf(folder: string): { file: string; names: string }[] {
  const files = readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) =>
    [...readFileSync(`${root}/${folder}/${file}`, 'utf8').matchAll(/from '([^']+)'/g)].map((match) => ({
      file: `${folder}/${file}`,
      names: match[1] ?? '',
    })),
  );
}

it('src imports nothing from workers', () => {
  const imports = importsOf('src');
  expect(imports.length).toBeGreaterThan(20);
  expect(imports.filter(({ names }) => names.includes('workers/'))).toEqual([]);
});

it('workers import from src only what crosses the threads, the codec and the errors', () => {
  const fromSrc = importsOf('workers').filter(({ names }) => names.startsWith('../src/'));
  expect(fromSrc.length).toBeGreaterThan(5);
  const foreign = fromSrc.filter(
    ({ names }) => !/^\.\.\/src\/(channel\/|mail\/|swarm\/|lines\.ts|errors\.ts|notices\.ts)/.test(names),
  );
  expect(foreign).toEqual([]);
});

it('a shard’s logic knows no threads', () => {
  const threads = importsOf('workers').filter(({ names }) => names.includes('worker_threads'));
  expect(threads.map(({ file }) => file).filter((file) => !/workers\/(broker|post-poll|swarm)\.ts/.test(file))).toEqual(
    [],
  );
});
