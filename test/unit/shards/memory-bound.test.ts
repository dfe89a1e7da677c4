import { describe, expect, it } from 'vitest';
import { boundText, memoryBound, sizeText } from '../../../src/broker/memory-bound.ts';
import { readConfig } from '../../../src/shared/common/config.ts';

const total = (env: Record<string, string> = {}) => memoryBound(readConfig({ SHARDS: '1', ...env })).total;

describe('the bound of memory', () => {
  it('follows from the settings: more connections, names, shards or longer lines raise it', () => {
    for (const more of [
      { MAX_CONNECTIONS: '20000' },
      { MAX_NAMES: '2000000' },
      { DEDUPE_MAX: '200000' },
      { SHARDS: '2' },
      { MAX_LINE_BYTES: '8MiB' },
      { TLS_CERT: 'a.pem' },
    ]) {
      expect(total(more), JSON.stringify(more)).toBeGreaterThan(total());
    }
  });

  it('has no part for names, and one for all mail, where nothing goes to the disk', () => {
    const parts = memoryBound(readConfig({ HOLD_SECONDS: '0', HELD_MAX_BYTES: '2GiB' }));
    expect(parts.names).toBe(0);
    expect(parts.mail).toBeGreaterThan(2 * 2 * 1024 ** 3);
  });

  it('is the sum of its parts', () => {
    const { fixed, shards, mail, connections, names, sends, http, tls, total: sum } = memoryBound(readConfig({}));
    expect(fixed + shards + mail + connections + names + sends + http + tls).toBe(sum);
    const withoutHttp = memoryBound(readConfig({ HTTP_PORT: 'off' }));
    expect(withoutHttp.http).toBe(0);
    expect(withoutHttp.connections, 'a connection that cannot be a WebSocket').toBeLessThan(connections);
  });

  it('is said in a line, and where there is none that is said', () => {
    expect(boundText(readConfig({ MAX_CONNECTIONS: '100', MAX_NAMES: '1000', HTTP_PORT: 'off' }))).toMatch(
      /^memory is bound to \d+ MiB: \d+ MiB of it for 100 connections, \d+ MiB for 1000 names$/,
    );
    expect(boundText(readConfig({ MAX_CONNECTIONS: 'unlimited' }))).toContain('no bound');
  });

  it.each([
    [1, '1 MiB'],
    [1024 ** 3, '1.0 GiB'],
    [1.5 * 1024 ** 4, '1.5 TiB'],
    [Number.POSITIVE_INFINITY, 'unlimited'],
  ])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});
