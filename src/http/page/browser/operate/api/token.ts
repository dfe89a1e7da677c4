/** The token of the admin API. This tab keeps it, and forgets it when it is closed. It never stands in an address. */

const KEY = 'restante:token';
let token = kept();

/** The token; undefined if none was given. */
export function currentToken(): string | undefined {
  return token;
}

/** @param next undefined: there is none any more */
export function keepToken(next: string | undefined): void {
  token = next;
  try {
    if (next === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, next);
  } catch {
    // It is asked for again when the page is loaded again.
  }
}

function kept(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
