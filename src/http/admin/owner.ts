/**
 * Who may use the routes of one mailbox beside the operator: its owner, who is whoever proves its name. Where no name
 * has to be proved, nobody owns one.
 */
import type { Context } from 'hono';
import type { Authenticator } from '../../session/auth/authenticator.ts';
import type { Config } from '../../shared/common/config.ts';
import type { Proxies } from '../../transport/proxy/forwarded-for.ts';
import { RequestProofs } from '../messages/request-proofs.ts';
import { callerOf } from '../requests/parts.ts';
import type { AdminEnv, Lets } from './guard.ts';

/** What a name begins with that nobody has for long. Any proof is enough for it, so it has no owner. */
const NOBODYS = '~';

/** What decides about names. */
export interface OwnersHost {
  readonly settings: { readonly current: Pick<Config, 'AUTH'> };
  readonly authenticator: Authenticator;
  readonly proxies: Proxies;
}

/** Lets those in who prove the name in the path. */
export function ownersOf({ settings, authenticator, proxies }: OwnersHost): Lets {
  const { AUTH } = settings.current;
  const proofs = new RequestProofs(AUTH, authenticator);
  return async (context: Context<AdminEnv>) => {
    const name = context.req.param('name');
    if (AUTH === 'off' || name === undefined || name.startsWith(NOBODYS)) return false;
    const caller = callerOf(context, proxies);
    const saysNothing = caller.token === undefined && caller.peer.certificateNames?.includes(name) !== true;
    return !saysNothing && (await proofs.check(name, caller));
  };
}
