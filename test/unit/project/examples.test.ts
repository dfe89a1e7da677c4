/** Examples in documents are from the code: each line stands in the file that the comment above it names. */
import { expect, it } from 'vitest';
import { documents, textOf } from '../../helpers/project.ts';

const EXAMPLE = /^```(?:ts|js)\n([\s\S]*?)^```$/gm;

/** The lines of an example that are not in the file that they are said to be from. */
function strangeLines(example: string): string[] {
  let file = '';
  return example.split('\n').filter((line) => {
    const text = line.trim();
    if (text.startsWith('// ')) file = /\b(src|workers|test|examples)\/[\w./-]+\.m?[tj]s\b/.exec(text)?.[0] ?? file;
    else if (text !== '') return file === '' || !textOf(file).includes(text);
    return false;
  });
}

it('every line of an example stands in the file that it is from', () => {
  const examples = documents().flatMap((document) =>
    [...textOf(document).matchAll(EXAMPLE)].map(([, example = '']) => ({ document, example })),
  );
  expect(examples.length).toBeGreaterThan(15);
  const strange = examples.flatMap(({ document, example }) =>
    strangeLines(example).map((line) => `${document}: ${line}`),
  );
  expect(strange).toEqual([]);
});
