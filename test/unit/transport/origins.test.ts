/** Which pages may reach the broker, and by which names. */
import { describe, expect, it } from 'vitest';
import { isOwnHost, mayReach } from '../../../src/transport/origins.ts';

const ALLOWED = ['https://chat.example', 'http://desk.example:3000'];

describe('the broker may be reached', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:8081',
    '192.0.2.7:8081',
    '[::1]:8081',
    'localhost',
    'LOCALHOST:8081',
    'a.localhost:8081',
    'chat.example',
    'chat.example:8081',
    'desk.example',
  ])('as %s', (host) => {
    expect(isOwnHost(host, ALLOWED)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'rebound.example:8081',
    'localhost.example',
    'notlocalhost',
    'chat.example.rebound.example',
    '127.0.0.1.rebound.example',
    'user@127.0.0.1',
    '127.0.0.1/path',
    '127.0.0.1 rebound.example',
    '127.0.0.1#',
    '127.0.0.1?',
  ])('not as %s', (host) => {
    expect(isOwnHost(host, ALLOWED)).toBe(false);
  });
});

describe('a page may reach the broker', () => {
  it.each([
    ['its own', '127.0.0.1:8081', 'http://127.0.0.1:8081'],
    ['its own behind a proxy with TLS', 'chat.example', 'https://chat.example'],
    ['its own on the usual port', 'localhost:80', 'http://localhost'],
    ['one that is allowed', '127.0.0.1:8081', 'https://chat.example'],
    ['another one that is allowed', '127.0.0.1:8081', 'HTTP://DESK.example:3000'],
    ['none, which is no browser', 'broker.internal:8081', undefined],
  ])('if it is %s', (_what, host, origin) => {
    expect(mayReach(host, origin, ALLOWED)).toBe(true);
  });

  it.each([
    ['another', '127.0.0.1:8081', 'https://evil.example'],
    ['another port', '127.0.0.1:8081', 'http://127.0.0.1:8082'],
    ['another port of one that is allowed', '127.0.0.1:8081', 'https://chat.example:8443'],
    ['another scheme of one that is allowed', '127.0.0.1:8081', 'http://chat.example'],
    ['a name that was bound to the broker', 'evil.example:8081', 'http://evil.example:8081'],
    ['one that is allowed, by a name that is not', 'evil.example:8081', 'https://chat.example'],
    ['a file or a frame without an origin', '127.0.0.1:8081', 'null'],
    ['an extension', '127.0.0.1:8081', 'chrome-extension://abcdef'],
    ['a lie', '127.0.0.1:8081', 'http://127.0.0.1:8081@evil.example'],
    ['a path', '127.0.0.1:8081', 'http://127.0.0.1:8081/path'],
    ['no address', '127.0.0.1:8081', '127.0.0.1:8081'],
    ['empty', '127.0.0.1:8081', ''],
  ])('not if it is %s', (_what, host, origin) => {
    expect(mayReach(host, origin, ALLOWED)).toBe(false);
  });
});
