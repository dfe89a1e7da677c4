import { expect, it } from 'vitest';
import { isToken } from '../../../src/http/page/browser/chat/proofs.ts';
import { newToken } from '../../../src/session/auth/accounts/secret.ts';

const header = Buffer.from('{"alg":"ES256"}').toString('base64url');

it('a token of the broker or a JWT is one, and whatever only looks like it is a password, which is not kept', () => {
  expect([newToken(), `${header}.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl`].map(isToken)).toEqual([true, true]);
  const passwords = ['rst_short', `${newToken()}x`, 'eyJust.three.words', `${header}.two`, 'correct horse battery', ''];
  expect(passwords.filter(isToken)).toEqual([]);
});
