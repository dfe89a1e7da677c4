/** Links between documents lead somewhere: to a file, and to a heading in it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const documents = ['.', 'docs', 'src', 'workers']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => normalize(join(folder, file))),
  );

/** A heading as the anchor that a page shown on the web has for it. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function anchorsIn(file: string): string[] {
  return [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    anchorOf(heading),
  );
}

it('every link in a document leads to a file that exists, and to a heading in it', () => {
  expect(documents.length).toBeGreaterThan(15);
  const broken = documents.flatMap((file) => {
    const links = readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\(([^)\s]+)\)/g);
    return [...links].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : normalize(join(dirname(file), path));
      if (!existsSync(join(ROOT, target))) return [`${file}: ${link}`];
      if (anchor === undefined || !statSync(join(ROOT, target)).isFile()) return [];
      return anchorsIn(target).includes(anchor) ? [] : [`${file}: ${link}`];
    });
  });
  expect(broken).toEqual([]);
});
