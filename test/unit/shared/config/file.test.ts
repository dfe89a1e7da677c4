/** Reading a file of settings, whatever lies in its place. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_CONFIG_BYTES, readConfigFile } from '../../../../src/shared/common/config/file.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

/** What is said of a file that `make` has made. */
async function refusalOf(make: (file: string) => void): Promise<string> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'r.toml');
  make(file);
  const text = await readConfigFile(file).catch((error: Error) => error.message.replace(file, 'r.toml'));
  return text;
}

const isRoot = process.getuid?.() === 0;

describe('a file of settings', () => {
  it('may have a byte order mark, and any characters', async () => {
    const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('# é 😀 \ufffd\r\nPORT = 1')]);
    expect(await refusalOf((file) => writeFileSync(file, bytes))).toBe('# é 😀 \ufffd\r\nPORT = 1');
  });

  it('has a bound', async () => {
    const largest = '#'.repeat(MAX_CONFIG_BYTES);
    expect(await refusalOf((file) => writeFileSync(file, largest))).toBe(largest);
    const told = `r.toml: it is larger than ${MAX_CONFIG_BYTES} bytes`;
    expect(await refusalOf((file) => writeFileSync(file, `${largest}#`))).toBe(told);
    expect(await refusalOf((file) => symlinkSync('/dev/zero', file))).toContain('it is a pipe or a device');
  });

  const makers: readonly [string, (file: string) => void, string][] = [
    ['missing', () => undefined, 'it cannot be read: there is no such file'],
    ['a folder', (file) => mkdirSync(file), 'it cannot be read: it is a folder'],
    ['a link to itself', (file) => symlinkSync(file, file), 'it cannot be read: its links lead nowhere'],
    [
      'a pipe that nobody writes',
      (file) => void execFileSync('mkfifo', [file]),
      'it cannot be read: it is a pipe or a device, and no file',
    ],
  ];
  it.each(makers)('that is %s is refused at once', async (_what, make, told) => {
    expect(await refusalOf(make)).toBe(`r.toml: ${told}`);
  });

  it('that is a socket is refused', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 's');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(file, resolve));
    await expect(readConfigFile(file)).rejects.toThrow('it is a socket, and no file');
    server.close();
  });

  it.skipIf(isRoot)('that may not be read is refused', async () => {
    const make = (file: string) => {
      writeFileSync(file, '');
      chmodSync(file, 0);
    };
    expect(await refusalOf(make)).toBe('r.toml: it cannot be read: this user may not read it');
  });

  it.each([
    ['a byte', [0x41, 0x0a, 0x42, 0xff, 0x43], '2:2'],
    ['a character that ends early', [0x0a, 0x0a, 0xc3, 0xa9, 0xe2, 0x82], '3:2'],
    ['half of a pair', [0xed, 0xa0, 0x80], '1:1'],
  ])('that is not UTF-8 is refused, with the place: %s', async (_what, bytes, place) => {
    const told = await refusalOf((file) => writeFileSync(file, Buffer.from(bytes)));
    expect(told).toBe(`r.toml:${place}: it is not UTF-8`);
  });
});
