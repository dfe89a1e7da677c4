/** Whose requests are answered: by Host and Origin. */
import { describe, expect, it } from 'vitest';
import { hostCheck } from '../../../../src/http/requests/host-check.ts';

const check = hostCheck('127.0.0.1', ['https://chat.example', 'http://broker:8081']);

describe('a request for', () => {
  it.each([
    '127.0.0.1:8081',
    '127.0.0.1',
    '[::1]:8081',
    '192.0.2.7:9999',
    'localhost:8081',
    'LOCALHOST',
    'page.localhost:1',
    'chat.example',
    'broker:8081',
    'broker',
  ])('%s is answered', (host) => expect(check({ host, origin: undefined })).toBeUndefined());

  it.each([
    'evil.example',
    'evil.example:8081',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'chat.example.evil.example',
    'localhost@evil.example',
    'localhost/evil.example',
    'localhost:8081:1',
    'localhost:99999',
    '[::1',
    ' ',
    '',
    undefined,
  ])('%s is refused', (host) => expect(check({ host, origin: undefined })).toBe('HOST_REFUSED'));

  it('the name that it listens on is answered', () => {
    expect(hostCheck('Mail.lan', [])({ host: 'mail.lan:8081', origin: undefined })).toBeUndefined();
  });
});

describe('a page of', () => {
  it.each([
    ['http://127.0.0.1:8081', '127.0.0.1:8081'],
    ['http://localhost:8081', 'localhost:8081'],
    ['http://localhost', 'localhost:80'],
    ['https://chat.example', 'chat.example'],
    ['https://chat.example', '127.0.0.1:8081'],
    ['https://127.0.0.1:8081', '127.0.0.1:8081'],
    ['https://localhost', 'localhost:443'],
  ])('%s may use %s', (origin, host) => expect(check({ host, origin })).toBeUndefined());

  it.each([
    ['http://evil.example', '127.0.0.1:8081'],
    ['http://127.0.0.1:8082', '127.0.0.1:8081'],
    ['http://chat.example', '127.0.0.1:8081'],
    ['https://chat.example.evil.example', 'chat.example'],
    ['null', '127.0.0.1:8081'],
    ['', '127.0.0.1:8081'],
    ['https://localhost', 'localhost:80'],
    ['http://localhost', 'localhost:443'],
    ['https://chat.example:8443', '127.0.0.1:8081'],
    ['chrome-extension://127.0.0.1:8081', '127.0.0.1:8081'],
    ['http://127.0.0.1:8081@evil.example', '127.0.0.1:8081'],
    ['http://127.0.0.1:8081/path', '127.0.0.1:8081'],
    ['127.0.0.1:8081', '127.0.0.1:8081'],
  ])('%s may not use %s', (origin, host) => expect(check({ host, origin })).toBe('ORIGIN_REFUSED'));
});
