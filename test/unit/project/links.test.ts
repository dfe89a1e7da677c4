/** Documents lead somewhere: links to a file and a heading in it, and names of functions to the file beside them. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { documents, ROOT, textOf } from '../../helpers/project.ts';

/** A heading as the anchor that a page shown on the web has for it. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function anchorsIn(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

it('every link in a document leads to a file that exists, and to a heading in it', () => {
  expect(documents().length).toBeGreaterThan(15);
  const broken = documents().flatMap((file) => {
    const links = textOf(file).matchAll(/\]\(([^)\s]+)\)/g);
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

it('every function that a document names beside a file stands in that file', () => {
  const named = documents().flatMap((document) => {
    const places = textOf(document)
      .replace(/\s+/g, ' ')
      .matchAll(/((?:`#?\w+`(?:, | and )?)+) in `((?:src|workers)\/[\w./-]+\.ts)`/g);
    return [...places].flatMap(([, names = '', file = '']) =>
      [...names.matchAll(/`(#?\w+)`/g)].map(([, name = '']) => ({ document, name, file })),
    );
  });
  expect(named.length).toBeGreaterThan(80);
  expect(named.filter(({ name, file }) => !textOf(file).includes(name))).toEqual([]);
});
