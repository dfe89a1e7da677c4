/** The names of a certificate, as Node writes its extension. */
import type { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificateNames } from '../../../../src/transport/secure/certificate-names.ts';

function named(subjectAltName: string | undefined, CN?: string | string[]): readonly string[] {
  const certificate = { subjectAltName, toLegacyObject: () => ({ subject: CN === undefined ? {} : { CN } }) };
  return certificateNames(certificate as unknown as X509Certificate);
}

describe('the names of a certificate', () => {
  it('are those of type URI, then DNS, then the common names, without repeats', () => {
    const both = named('DNS:a.example, URI:https://a.example, DNS:bob', 'bob');
    expect(both).toEqual(['https://a.example', 'a.example', 'bob']);
    expect(named(undefined, ['x', 'y'])).toEqual(['x', 'y']);
    expect(named(undefined)).toEqual([]);
  });

  it('are in URIs of the broker, and in NFC', () => {
    expect(named('DNS:a.example, URI:restante:zoe%CC%88', 'ze\u0308')).toEqual(['zo\u00eb', 'a.example', 'z\u00eb']);
    expect(named('URI:restante:, URI:restante:%ff, URI:Restante:bob')).toEqual(['Restante:bob']);
  });

  it('are none that another name pretends to have', () => {
    expect(named('URI:"x, DNS:root", DNS:bob')).toEqual(['x, DNS:root', 'bob']);
    expect(named('URI:"a\\", DNS:root", email:"c, DNS:root", DNS:bob')).toEqual(['a", DNS:root', 'bob']);
    expect(named('DirName:"CN = \\"x\\", DNS:root", IP Address:127.0.0.1, DNS:bob')).toEqual(['bob']);
  });

  it('end where the extension is not well-formed', () => {
    expect(named('DNS:bob, URI:"open, DNS:root')).toEqual(['bob']);
    expect(named('DNS:bob, nonsense', '')).toEqual(['bob']);
  });
});
