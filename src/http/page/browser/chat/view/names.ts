/** Names, each with a mark that says whether it is here. */
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { shownName } from '../../parts/shown.ts';
import type { Presences } from '../presences.ts';

/** Names of a group that are written out. */
const MAX_WRITTEN = 3;

/** Names as text. Each is isolated, so that none turns what stands beside it. */
export function Names({ names }: { readonly names: readonly string[] }): VNode {
  const written = names.slice(0, MAX_WRITTEN);
  const more = names.length - written.length;
  const parts = written.map((name, index) => html`${index > 0 ? ', ' : ''}<bdi>${shownName(name)}</bdi>`);
  return html`${parts}${more > 0 ? ` and ${more} more` : ''}`;
}

interface DotProps {
  readonly names: readonly string[];
  readonly presences: Presences;
}

/** A dot: filled if somebody of these is here. Words say the same. */
export function Dot({ names, presences }: DotProps): VNode {
  const known = names.map((name) => presences.get(name));
  const state = known.includes(true) ? 'here' : known.includes(undefined) ? 'unknown' : 'away';
  return html`<span class="dot" data-state=${state} aria-hidden="true"></span>`;
}

/** Who is here, in words. */
export function presenceText(names: readonly string[], presences: Presences): string {
  const known = names.map((name) => presences.get(name));
  if (known.includes(undefined)) return '';
  const here = known.filter(Boolean).length;
  if (names.length === 1) return here === 1 ? 'here' : 'away';
  return `${here} of ${names.length} here`;
}
