/**
 * Makes the page's two large files of its sources. `esbuild` is a development dependency: an installed package has the
 * files, and never comes here.
 */
import { fileURLToPath } from 'node:url';

/** The files that are made of others. */
export interface Bundle {
  readonly 'app.js': Uint8Array;
  readonly 'style.css': Uint8Array;
}

/**
 * Bundles the page.
 * @param sources the folder of its sources, with a slash at its end
 */
export async function bundle(sources: URL): Promise<Bundle> {
  const { build } = await import('esbuild');
  const [script, style] = await Promise.all(
    ['main.ts', 'style/style.css'].map(async (entry) => {
      const { outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL(entry, sources))],
        bundle: true,
        minify: true,
        format: 'iife',
        target: 'es2022',
        charset: 'utf8',
        legalComments: 'none',
        conditions: ['browser'],
        write: false,
        logLevel: 'silent',
      });
      return outputFiles[0]?.contents;
    }),
  );
  if (script === undefined || style === undefined) throw new Error('esbuild has made no file');
  return { 'app.js': script, 'style.css': style };
}
