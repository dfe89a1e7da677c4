/** Which half of the page is shown. It stands behind the # of the address. */
import { type Readable, Store } from './store.ts';

export const HALVES = [
  { id: 'chat', title: 'Chat' },
  { id: 'operate', title: 'Operate' },
] as const;

export type Half = (typeof HALVES)[number]['id'];

const shown = new Store<Half>(fromAddress());
export const half: Readable<Half> = shown;

addEventListener('hashchange', () => shown.set(fromAddress()));

/** What stands behind the first / is the half's own. */
function fromAddress(): Half {
  const [word] = location.hash.slice(1).split('/');
  return HALVES.find(({ id }) => id === word)?.id ?? 'chat';
}
