/** What a broker has of authentication, by its settings. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { isReachedFromHere, openAuth } from '../../../../src/session/auth/auth.ts';
import { EVERYBODY } from '../../../../src/session/auth/authenticator.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

/** Opens it. @returns the codes of its log */
async function opened(env: Record<string, string>) {
  using folder = temporaryFolder();
  const codes: string[] = [];
  const log = pino({}, { write: (line: string) => void codes.push(JSON.parse(line).code) });
  const auth = await openAuth(readConfig({ DATA_DIR: folder.path, ...env }), log);
  const made = existsSync(join(folder.path, 'auth'));
  await auth.close();
  return { auth, codes, made };
}

describe('with AUTH=off', () => {
  it('everybody is let in, and nothing is made or said on this machine', async () => {
    const { auth, codes, made } = await opened({});
    expect([auth.authenticator, codes, made]).toEqual([EVERYBODY, [], false]);
  });

  it.each([
    [{ HOST: '0.0.0.0' }, ['AUTH_OFF']],
    [{ HOST: '::1', HTTP_HOST: '192.0.2.1' }, ['AUTH_OFF']],
    [{ HOST: '::1', HTTP_HOST: '192.0.2.1', HTTP_PORT: 'off' }, []],
    [{ HOST: '0.0.0.0', AUTH: 'names' }, []],
    [{ HOST: '0.0.0.0', AUTH: 'required' }, ['AUTH_NOBODY']],
    [{ AUTH: 'required', AUTH_JWT_SECRET: 'x'.repeat(32) }, []],
  ])('and others that matter, %j says %j', async (env, codes) => {
    expect((await opened(env)).codes).toEqual(codes);
  });
});

it('addresses of this machine are loopback, and no others', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'])
    expect(isReachedFromHere(host)).toBe(true);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'broker', '127.example'])
    expect(isReachedFromHere(host)).toBe(false);
});
