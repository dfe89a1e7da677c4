/**
 * Proofs of a name: a password or a token. What MUST hold:
 * 1. A password is in the memory of the page, for as long as its session, and nowhere else.
 * 2. A token that the broker has taken is kept in this tab too, so that a page that is loaded again does not ask for
 *    it. It is forgotten when the session ends in any way, or with the tab.
 * 3. Neither is ever in an address, in an attribute of an element, or in the log.
 */
import { ByeError, type RestanteError } from '../../../../tools/library/browser.ts';

const BROKER_TOKEN = /^rst_[\w-]{43}$/;
const JWT = /^(eyJ[\w-]+)\.[\w-]+\.[\w-]+$/;

/** Whether a proof is a token of the broker or a JWT. In doubt it is a password, which is not kept. */
export function isToken(proof: string): boolean {
  const [, header] = JWT.exec(proof) ?? [];
  return BROKER_TOKEN.test(proof) || (header !== undefined && isJwtHeader(header));
}

function isJwtHeader(text: string): boolean {
  try {
    const header: unknown = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}

/** What follows for a chat from the end of its session: it asks for a proof, or it is over. */
export type Ending =
  /** `why`: what is wrong; undefined if there was no proof yet. */
  | { readonly kind: 'proof needed'; readonly why: string | undefined }
  | { readonly kind: 'over'; readonly text: string };

/** @param reason why the client has ended, or does not get on */
export function endingOf(reason: RestanteError | undefined): Ending {
  switch (reason?.code) {
    case 'AUTH_REQUIRED':
      return { kind: 'proof needed', why: undefined };
    case 'AUTH_FAILED':
      return { kind: 'proof needed', why: 'The broker does not take this: wrong name, password or token.' };
    case 'AUTH_LIMITED':
      return { kind: 'proof needed', why: `Too many logins have failed, and this was not looked at. ${again(reason)}` };
    case 'AUTH_WITHDRAWN':
      return {
        kind: 'proof needed',
        why: 'What proved this name is not valid any more: the password has changed, or the token was revoked.',
      };
    case 'TAKEN_OVER':
      return {
        kind: 'proof needed',
        why:
          'This name was taken over: somebody has proved it elsewhere, perhaps you in another tab. ' +
          'This page has ended its connection. Who proves the name here takes it back.',
      };
    default:
      return { kind: 'over', text: reason?.message ?? 'it has ended' };
  }
}

function again(reason: RestanteError): string {
  const seconds = reason instanceof ByeError ? (reason.retrySeconds ?? 1) : 1;
  return `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
}
