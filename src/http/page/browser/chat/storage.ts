/** What this tab keeps. A browser may allow nothing: then the chat works, until it is loaded again. */
import type { Keeper } from './model/log.ts';

const NAME_KEY = 'restante:name';
const TOKEN_KEY = 'restante:name-token';

/** Takes nothing. */
const NO_KEEPER: Keeper = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem: () => {
    throw new Error('this browser keeps nothing');
  },
  removeItem: () => undefined,
};

/** The storage of this tab. */
export function sessionKeeper(): Keeper {
  try {
    return sessionStorage;
  } catch {
    return NO_KEEPER;
  }
}

/** What is kept beside the log: who this tab is, and what proves it. A password is not among it. */
export interface Kept {
  readonly name: string;
  /** A token; undefined if the name needed none, or was proved by a password. */
  readonly token?: string | undefined;
}

/** What this tab has kept. */
export function kept(): Kept | undefined {
  const keeper = sessionKeeper();
  const name = keeper.getItem(NAME_KEY) ?? undefined;
  return name === undefined ? undefined : { name, token: keeper.getItem(TOKEN_KEY) ?? undefined };
}

/** @param now undefined: there is nothing to keep any more */
export function keep(now: Kept | undefined): void {
  put(NAME_KEY, now?.name);
  put(TOKEN_KEY, now?.token);
}

function put(key: string, text: string | undefined): void {
  try {
    if (text === undefined) sessionKeeper().removeItem(key);
    else sessionKeeper().setItem(key, text);
  } catch {
    // It is asked for again when the page is loaded again.
  }
}
