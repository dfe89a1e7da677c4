/** The files of the certificate: what is refused, what is noticed, and what is kept. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { createLog } from '../../../../src/shared/common/log/log.ts';
import type { Certified } from '../../../../src/tools/cli/restante/commands/certs/authority.ts';
import { Credentials } from '../../../../src/transport/secure/credentials.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';

const SOON = { pollMs: 20, settleMs: 5 };
/** Only the events of the system show a change in time. */
const BY_EVENT = { pollMs: 600_000, settleMs: 5 };

let certificates: Certificates;
let other: Certified;
beforeAll(async () => {
  certificates = await Certificates.make();
  other = await certificates.another();
});
afterAll(() => certificates[Symbol.dispose]());

const opened = (settings: object, times = SOON) =>
  Credentials.open(readConfig({ ...settings }), createLog('silent'), times);

describe('settings of TLS', () => {
  it('that are not there are no TLS', async () => {
    expect(await opened({})).toBeUndefined();
  });

  it.each([
    [{ TLS_CERT: 'x' }, 'TLS_CERT needs TLS_KEY, the file of its key'],
    [{ TLS_KEY: 'x' }, 'TLS_KEY needs TLS_CERT, the file of its certificate'],
    [{ TLS_CLIENT_CA: 'x' }, 'TLS_CLIENT_CA needs TLS_CERT and TLS_KEY'],
    [{ TLS_CERT: '/nowhere', TLS_KEY: '/nowhere' }, 'TLS_CERT /nowhere is not there'],
    [{ TLS_CERT: '/dev/null', TLS_KEY: '/dev/null' }, /^TLS_CERT \/dev\/null is no file, or has more than \d+ bytes$/],
  ])('%o are refused in one line', async (settings, problem) => {
    await expect(opened(settings)).rejects.toThrow(problem);
  });

  it('whose files are wrong name the one that is', async () => {
    const file = (name: string, text: string) => {
      writeFileSync(certificates.path(name), text);
      return certificates.path(name);
    };
    const { settings } = certificates;
    const refusal = (wrong: object) => opened({ ...settings, ...wrong }).then(String, (error: Error) => error.message);
    expect(await refusal({ TLS_CERT: file('a', 'x') })).toMatch(/^TLS_CERT .+ is no certificate in PEM form$/);
    expect(await refusal({ TLS_KEY: file('b', other.key) })).toMatch(/^TLS_KEY .+ is not the key of TLS_CERT$/);
    expect(await refusal({ TLS_KEY: file('c', 'x') })).toMatch(/^TLS_KEY .+ is no key in PEM form/);
    expect(await refusal({ TLS_CLIENT_CA: file('d', 'x') })).toMatch(/^TLS_CLIENT_CA .+ is no certificate/);
    expect(await refusal({ TLS_KEY: file('e', 'x'.repeat(1024 * 1024 + 1)) })).toMatch(/has more than 1048576 bytes$/);
  });
});

/** Two certificates in folders of their own, and links to one of them as `how` has it. */
function linked(how: 'a link for each file' | 'a link for the folder' | 'links as those of Kubernetes') {
  const folder = temporaryFolder();
  const at = (...path: string[]) => join(folder.path, ...path);
  for (const [version, { cert, key }] of [
    ['old', certificates.server],
    ['new', other],
  ] as const) {
    mkdirSync(at(version));
    writeFileSync(at(version, 'cert'), cert);
    writeFileSync(at(version, 'key'), key);
  }
  const turn = (link: string, target: string) => {
    symlinkSync(target, at('turning'));
    renameSync(at('turning'), at(link));
  };
  const point = (version: string) => {
    if (how !== 'a link for each file') turn('..data', version);
    else for (const name of ['cert', 'key']) turn(name, `${version}/${name}`);
  };
  point('old');
  if (how === 'links as those of Kubernetes') for (const name of ['cert', 'key']) turn(name, `..data/${name}`);
  const inside = how === 'a link for the folder' ? ['..data'] : [];
  const settings = { TLS_CERT: at(...inside, 'cert'), TLS_KEY: at(...inside, 'key') };
  return { settings, renew: () => point('new'), [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe('a renewal', () => {
  it.each([
    ['a link for each file', BY_EVENT],
    ['links as those of Kubernetes', BY_EVENT],
    ['a link for the folder', SOON],
  ] as const)('by %s is noticed', async (how, times) => {
    using files = linked(how);
    const credentials = await opened(files.settings, times);
    const given: unknown[] = [];
    credentials?.serve({ setSecureContext: ({ cert }) => void given.push(cert) });
    files.renew();
    await until(() => given.length === 1, 'the new certificate');
    expect(given).toEqual([other.cert]);
    credentials?.end();
  });

  it('by a pair that does not fit, or none, keeps the old one, until it is whole', async () => {
    using folder = temporaryFolder();
    const [cert, key] = [join(folder.path, 'cert'), join(folder.path, 'key')];
    const write = (pair: Certified) => {
      writeFileSync(cert, pair.cert);
      writeFileSync(key, pair.key);
    };
    write(certificates.server);
    const credentials = await opened({ TLS_CERT: cert, TLS_KEY: key });
    const before = credentials?.serverOptions.cert;
    rmSync(cert);
    await until(() => credentials?.figures.kept === 1, 'the missing file to be seen');
    expect(credentials?.serverOptions.cert).toBe(before);
    writeFileSync(cert, other.cert);
    await until(() => credentials?.figures.kept === 2, 'the wrong pair to be seen');
    expect([credentials?.serverOptions.cert, credentials?.figures.good]).toEqual([before, false]);
    write(other);
    await until(() => credentials?.figures.taken === 1, 'the new pair to be taken');
    expect([credentials?.serverOptions.cert, credentials?.figures.good]).toEqual([other.cert, true]);
    expect(await credentials?.reload()).toBe('same');
    credentials?.end();
  });

  it('by a certificate that has expired keeps the old one', async () => {
    const ended = await certificates.authority.forHosts(['localhost'], [-3, -1]);
    using folder = temporaryFolder();
    const [cert, key] = [join(folder.path, 'cert'), join(folder.path, 'key')];
    writeFileSync(cert, certificates.server.cert);
    writeFileSync(key, certificates.server.key);
    const credentials = await opened({ TLS_CERT: cert, TLS_KEY: key });
    writeFileSync(cert, ended.cert);
    writeFileSync(key, ended.key);
    expect(await credentials?.reload()).toBe('kept');
    credentials?.end();
  });
});
