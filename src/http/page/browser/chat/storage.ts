/** What this tab keeps. A browser may allow nothing: then the chat works, until it is loaded again. */
import type { Keeper } from './model/log.ts';

const NAME_KEY = 'restante:name';

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

/** The name that this tab had. */
export function rememberedName(): string | undefined {
  return sessionKeeper().getItem(NAME_KEY) ?? undefined;
}

/** @param name undefined: it has none any more */
export function rememberName(name: string | undefined): void {
  try {
    if (name === undefined) sessionKeeper().removeItem(NAME_KEY);
    else sessionKeeper().setItem(NAME_KEY, name);
  } catch {
    // It is asked for again when the page is loaded again.
  }
}
