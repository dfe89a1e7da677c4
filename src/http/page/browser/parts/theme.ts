/** Light or dark: as the system says, or as the switch does. The choice is kept for all tabs and visits. */
import { Store } from './store.ts';

export type Theme = 'light' | 'dark';

const KEY = 'restante:theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** The theme that is shown. */
export const theme = new Store<Theme>(chosen() ?? system());

systemIsDark.addEventListener('change', () => {
  if (chosen() === undefined) show(system());
});

/** Shows the theme that was chosen. */
export function applyTheme(): void {
  show(theme.value);
}

/** Changes to the other one. What the system says is no choice, and is not kept. */
export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  try {
    if (next === system()) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing shows it all the same.
  }
  show(next);
}

function show(next: Theme): void {
  document.documentElement.dataset.theme = next;
  theme.set(next);
}

function system(): Theme {
  return systemIsDark.matches ? 'dark' : 'light';
}

function chosen(): Theme | undefined {
  try {
    const text = localStorage.getItem(KEY);
    return text === 'dark' || text === 'light' ? text : undefined;
  } catch {
    return undefined;
  }
}
