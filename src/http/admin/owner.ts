/**
 * Who may use the routes of one mailbox beside the operator: its owner, who is whoever proves its name. Where no name
 * has to be proved, nobody owns one.
 *
 * A shard takes some questions about mail at a time, and reads the store for each. So owners have few at a time, and
 * never all that a shard takes: an operator has the rest.
 */
import type { Context } from 'hono';
import type { Authenticator } from '../../session/auth/authenticator.ts';
import type { Config } from '../../shared/common/config.ts';
import type { Proxies } from '../../transport/proxy/forwarded-for.ts';
import { RequestProofs } from '../messages/request-proofs.ts';
import { RETRY_SECONDS } from '../messages/session-problems.ts';
import { problemOf } from '../problems.ts';
import { callerOf } from '../requests/parts.ts';
import type { AdminEnv, Lets } from './guard.ts';

/** What a name begins with that nobody has for long. Any proof is enough for it, so it has no owner. */
const NOBODYS = '~';

/** Requests at a time of the owner of one name, and of all owners. */
export const MAX_OF_NAME = 2;
export const MAX_OF_OWNERS = 8;

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
  const places = new Places();
  return async (context: Context<AdminEnv>) => {
    const name = context.req.param('name');
    if (AUTH === 'off' || name === undefined || name.startsWith(NOBODYS)) return undefined;
    const caller = callerOf(context, proxies);
    const saysNothing = caller.token === undefined && caller.peer.certificateNames?.includes(name) !== true;
    return !saysNothing && (await proofs.check(name, caller)) ? places.take(name) : undefined;
  };
}

/** The places of requests under way. */
class Places {
  /** The name of each request. */
  readonly #taken: string[] = [];

  /** @throws Problem if there is none now */
  take(name: string): Disposable {
    const taken = this.#taken;
    const ofName = taken.filter((each) => each === name).length;
    if (ofName >= MAX_OF_NAME || taken.length >= MAX_OF_OWNERS) {
      throw problemOf('SHARD_BUSY', {}, { retry: RETRY_SECONDS });
    }
    taken.push(name);
    return { [Symbol.dispose]: () => void taken.splice(taken.indexOf(name), 1) };
  }
}
