/** `restante config`: checks, prints and lists settings. `restante serve --config` runs a broker with them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleToml, settingsTable } from '../../../src/shared/common/config/docs.ts';
import { SETTINGS } from '../../../src/shared/common/config.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { restante } from './restante.ts';

const NOWHERE = { port: 1 };
/** No setting is in the environment. */
const NONE = { PORT: '', HTTP_PORT: '', SHARDS: '', DATA_DIR: '', RESTANTE_CONFIG: '' };

async function ran(args: readonly string[], env: Record<string, string> = {}) {
  await using program = restante(NOWHERE, args, { ...NONE, ...env });
  return { code: await program.ended(), stdout: program.stdout, stderr: program.stderr };
}

/** Runs a test with a file. */
async function withFile(text: string, test: (file: string) => Promise<void>): Promise<void> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'r.toml');
  writeFileSync(file, text);
  await test(file);
}

describe('restante config check', () => {
  it('says all that is wrong, with exit code 2', async () => {
    await withFile('PORT = 70000\r\nHTTP_PROT = 1\r\n', async (file) => {
      const stderr =
        `${file}:1:8: PORT is 70000, but must be a whole number from 0 to 65535\n` +
        `${file}:2:1: HTTP_PROT is no setting: was HTTP_PORT meant?\n` +
        'SHARDS is "many", but must be a whole number from 1 to 64\n';
      expect(await ran(['config', 'check', file], { SHARDS: 'many' })).toEqual({ code: 2, stdout: '', stderr });
      expect((await ran(['config', 'check'], { RESTANTE_CONFIG: file })).code).toBe(2);
    });
  });

  it('says that all is right, and what comes from where', async () => {
    await withFile('PORT = 9000\nNOTICES = false\n', async (file) => {
      const stdout = `all settings are right: 1 from ${file}, 1 from the environment\n`;
      expect(await ran(['config', 'check', file], { PORT: '9001' })).toEqual({ code: 0, stdout, stderr: '' });
    });
    expect((await ran(['config', 'check', '/no/file'])).stderr).toBe(
      '/no/file: it cannot be read: there is no such file\n',
    );
    expect((await ran(['config', 'check', 'a', 'b'])).code).toBe(2);
  });
});

describe('restante config print', () => {
  it('prints every setting in force, and where it comes from', async () => {
    await withFile('\nMAX_NAMES = "unlimited"\nHTTP_ORIGINS = ["https://a.example"]\n', async (file) => {
      const { code, stdout } = await ran(['config', 'print', '--config', file], { HOST: '::1' });
      expect(code).toBe(0);
      const lines = stdout.trim().split('\n');
      expect(lines.map((line) => line.split(' = ')[0])).toEqual(Object.keys(SETTINGS));
      expect(lines).toEqual(
        expect.arrayContaining([
          'HOST = "::1" # environment',
          'PORT = 8080 # default',
          `MAX_NAMES = "unlimited" # ${file}:2`,
          `HTTP_ORIGINS = ["https://a.example"] # ${file}:3`,
        ]),
      );
      // What it prints is a file that can be read.
      await withFile(stdout, async (printed) => {
        expect((await ran(['config', 'check', printed])).code).toBe(0);
      });
    });
  });

  it('prints objects for programs', async () => {
    const { stdout } = await ran(['config', 'print', '--json'], { PORT: '9' });
    const lines = stdout.trim().split('\n');
    expect(JSON.parse(lines[1] ?? '')).toEqual({ name: 'PORT', value: 9, from: 'environment' });
  });
});

it('restante config docs prints every setting, as Markdown or as a file', async () => {
  expect((await ran(['config', 'docs'])).stdout).toBe(`${settingsTable()}\n`);
  expect((await ran(['config', 'docs', '--toml'])).stdout).toBe(exampleToml());
});

it('restante serve runs a broker with a file, which SIGHUP reloads', async () => {
  await withFile('PORT = 0\nHTTP_PORT = false\nSHARDS = 1\n', async (file) => {
    using folder = temporaryFolder();
    await using server = restante(NOWHERE, ['serve', '--config', file], { ...NONE, DATA_DIR: folder.path });
    await server.port();
    server.signal('SIGHUP');
    await server.said('the settings were read again: nothing has changed');
    server.signal('SIGTERM');
    expect(await server.ended()).toBe(0);
  });
});
