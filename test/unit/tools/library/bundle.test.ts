/** What a bundler makes of the client for browsers. */
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../helpers/project.ts';

const MAX_GZIPPED_BYTES = 8 * 1024;

interface Esbuild {
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
}

/** The bundler that tsx has with it. */
function esbuild(): Esbuild {
  const { resolve } = createRequire(import.meta.url);
  return createRequire(resolve('tsx'))('esbuild') as Esbuild;
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await esbuild().build({
    entryPoints: [`${ROOT}src/tools/library/${entry}`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
  return outputFiles[0]?.text ?? '';
}

describe('a bundle of the client for browsers', () => {
  it('knows nothing of Node, and has less than 8 KiB when it is compressed', async () => {
    const text = await bundled('browser.ts');
    expect(text).toContain('restante.v1');
    expect(text).not.toMatch(/node:|\bimport\b|\brequire\b|\bBuffer\b/);
    expect(gzipSync(text, { level: 9 }).length).toBeLessThan(MAX_GZIPPED_BYTES);
  });

  it('can be made of the other entry, too, which imports no module of Node', async () => {
    const text = await bundled('index.ts');
    expect(text).toContain('getBuiltinModule');
    expect(text).not.toMatch(/\bimport\b|\brequire\b/);
  });
});
