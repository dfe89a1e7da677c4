/** How large a folder, a file and a line may be, so that a reader can hold them; and comments name files that exist. */
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, filesInRoot, textOf } from '../../helpers/project.ts';

const MAX_ENTRIES = 12;
const MAX_LINES = 300;
const MEDIAN_LINES = 120;
const MAX_COLUMNS = 120;

const everything = [
  ...filesIn('src', 'workers', 'test', 'docs', 'examples'),
  ...filesInRoot().filter((file) => /\.(md|ts)$/.test(file)),
];
const code = everything.filter((file) => /\.m?ts$/.test(file));
const own = code.filter((file) => !file.startsWith('test/'));

function linesOf(file: string): string[] {
  return textOf(file).trimEnd().split('\n');
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line);
}

describe('the size of', () => {
  it('a folder: twelve entries', () => {
    const entries = new Map<string, Set<string>>();
    for (const file of everything) {
      for (let at = file; dirname(at) !== '.'; at = dirname(at)) {
        entries.set(dirname(at), (entries.get(dirname(at)) ?? new Set()).add(basename(at)));
      }
    }
    expect(entries.size).toBeGreaterThan(30);
    expect([...entries].filter(([, names]) => names.size > MAX_ENTRIES).map(([folder]) => folder)).toEqual([]);
  });

  it('a file: 300 lines, and half of the broker’s in less than 120', () => {
    const lengths = code.map((file) => ({ file, lines: linesOf(file).length }));
    expect(lengths.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
    const sorted = own.map((file) => linesOf(file).length).sort((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeLessThan(MEDIAN_LINES);
  });

  it('a line: 120 columns, comments too; a test may have a longer text', () => {
    const long = code.flatMap((file) =>
      linesOf(file)
        .filter((line) => line.length > MAX_COLUMNS && (own.includes(file) || isComment(line)))
        .map((line) => `${file}: ${line}`),
    );
    expect(long).toEqual([]);
  });
});

it('every file that a comment names is there', () => {
  const missing = everything
    .filter((file) => /\.(ts|md)$/.test(file))
    .flatMap((file) => {
      const lines = linesOf(file).filter((line) => file.endsWith('.md') || isComment(line));
      const named = lines
        .flatMap((line) => line.match(/[\w./-]*\w\.ts\b/g) ?? [])
        .map((name) => name.replace(/^[./]+/, ''));
      return named
        .filter((name) => !everything.some((each) => each === name || each.endsWith(`/${name}`)))
        .map((name) => `${file}: ${name}`);
    });
  expect(missing).toEqual([]);
});
