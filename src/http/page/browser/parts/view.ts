/** Where somebody is on the page. That stands behind the # of the address: the half, a /, and what is the half's. */
import { type Readable, Store } from './store.ts';

export const HALVES = [
  { id: 'chat', title: 'Chat' },
  { id: 'operate', title: 'Operate' },
] as const;

export type Half = (typeof HALVES)[number]['id'];

const [shownHalf, shownPlace] = [new Store<Half>('chat'), new Store('')];
/** Which half is shown. */
export const half: Readable<Half> = shownHalf;
/** What stands behind the half. */
export const place: Readable<string> = shownPlace;

readAddress();
addEventListener('hashchange', readAddress);

function readAddress(): void {
  const [word, ...rest] = location.hash.slice(1).split('/');
  // What is behind the half changes first: a half that begins to be shown finds its own.
  shownPlace.set(rest.join('/'));
  shownHalf.set(HALVES.find(({ id }) => id === word)?.id ?? 'chat');
}

/** Goes to a place of a half. */
export function goTo(where: Half, to = ''): void {
  location.hash = to === '' ? where : `${where}/${to}`;
}
