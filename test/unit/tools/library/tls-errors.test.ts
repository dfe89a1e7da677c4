/** What the client makes of the words of TLS. The end-to-end tests show those that Node says. */
import { describe, expect, it } from 'vitest';
import { tlsError } from '../../../../src/tools/library/transport/tls.ts';

describe('an error of TLS', () => {
  it.each([
    ['ssl3_read_bytes:tlsv1 alert unknown ca:', 'set tls.cert and tls.key'],
    ['ssl3_read_bytes:ssl/tls alert bad certificate:', 'set tls.cert and tls.key'],
    ['invalid peer certificate: UnknownIssuer', 'give the certificate of who has signed it as tls.ca'],
    ['unable to verify the first certificate', 'give the certificate of who has signed it as tls.ca'],
  ])('%s is about a certificate', (text, advice) => {
    const cause = new Error(text);
    expect(tlsError(cause)).toMatchObject({
      code: 'CERTIFICATE_REFUSED',
      message: expect.stringContaining(advice),
      cause,
    });
  });

  it.each(['ssl3_get_record:wrong version number:', 'OPENSSL_internal:WRONG_VERSION_NUMBER'])(
    '%s is about an end without TLS',
    (text) => {
      expect(tlsError(new Error(text))).toMatchObject({ code: 'NO_TLS' });
    },
  );

  it.each(['read ECONNRESET', 'connect ECONNREFUSED 127.0.0.1:9', 'ssl3_read_bytes:tlsv1 alert internal error:'])(
    '%s is none of a certificate, and may be over at the next attempt',
    (text) => {
      const cause = new Error(text);
      expect(tlsError(cause)).toBe(cause);
    },
  );
});
