/** Where somebody is in this half: it stands in the address. */

export type Route =
  | { readonly screen: 'overview' }
  | { readonly screen: 'connections' }
  | { readonly screen: 'names' }
  | { readonly screen: 'mail'; readonly name: string };

/** @param place what stands in the address behind the half */
export function routeOf(place: string): Route {
  const [screen, name] = place.split('/');
  if (screen === 'connections' || screen === 'names') return { screen };
  if (screen === 'mail' && name !== undefined && name !== '') {
    const decoded = decodedName(name);
    if (decoded !== undefined) return { screen: 'mail', name: decoded };
  }
  return { screen: 'overview' };
}

/** The address of a mailbox. */
export function mailAddress(name: string): string {
  return `#operate/mail/${encodeURIComponent(name)}`;
}

function decodedName(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody has written the address by hand.
    return undefined;
  }
}
