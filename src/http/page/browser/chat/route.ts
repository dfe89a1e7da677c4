/** Where somebody is in the chat, as the address says it: `with/NAME,NAME`, `new`, or nothing. */
import { goTo, half, place } from '../parts/view.ts';

export type Route =
  | { readonly screen: 'list' }
  | { readonly screen: 'new' }
  | { readonly screen: 'with'; readonly names: readonly string[] };

/** Reads a place. What cannot be read is the list. */
export function routeOf(text: string): Route {
  if (text === 'new') return { screen: 'new' };
  const [, list] = /^with\/(.+)$/.exec(text) ?? [];
  if (list === undefined) return { screen: 'list' };
  try {
    return { screen: 'with', names: list.split(',').map(decodeURIComponent).filter(Boolean) };
  } catch {
    return { screen: 'list' };
  }
}

/** The address of a conversation, the same one in whatever order its names are. */
export function addressOf(names: readonly string[]): string {
  return `with/${[...names].sort().map(encodeURIComponent).join(',')}`;
}

/** Opens a conversation. */
export function open(names: readonly string[]): void {
  goTo('chat', addressOf(names));
}

/** The names of the conversation that is shown. */
export function shownNames(): readonly string[] | undefined {
  if (half.value !== 'chat') return undefined;
  const route = routeOf(place.value);
  return route.screen === 'with' ? route.names : undefined;
}
