/**
 * The names of a message that its sender may write to. That a lasting set has no others is remembered, so a list that
 * is sent to again and again is looked at once, as its route is.
 */
import type { DestinationSet, Names } from '../../router/destination-set.ts';
import { NO_MEMORY } from '../../shared/memory/memory.ts';
import type { Line } from '../../shared/wire/message.ts';
import type { NamePatterns } from '../auth/patterns.ts';

const NO_LINE: Line = { bytes: NO_MEMORY.bytes, start: 0, end: 0, memory: NO_MEMORY, offset: 0 };

export class AllowedNames implements DestinationSet, Names {
  count = 0;
  readonly lasting = false;
  route: undefined;
  line = NO_LINE;
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  shards = new Int32Array(0);
  /** The lasting sets all of whose names are allowed, by the patterns that allow them. */
  readonly #allowed = new WeakMap<NamePatterns, WeakSet<DestinationSet>>();

  /** See DestinationSet. */
  names(): this {
    return this;
  }

  /** Whether all names of a set are allowed. */
  allAllowed(to: DestinationSet, patterns: NamePatterns): boolean {
    const known = to.lasting ? this.#allowed.get(patterns) : undefined;
    if (known?.has(to) === true) return true;
    const { line, starts, ends } = to.names();
    for (let i = 0; i < to.count; i++) {
      if (!patterns.cover(line.bytes, starts[i] as number, ends[i] as number)) return false;
    }
    if (to.lasting) this.#remember(to, patterns);
    return true;
  }

  #remember(to: DestinationSet, patterns: NamePatterns): void {
    const known = this.#allowed.get(patterns);
    if (known === undefined) this.#allowed.set(patterns, new WeakSet([to]));
    else known.add(to);
  }

  /** Becomes the allowed names of a set. @returns copies of the others */
  take(to: DestinationSet, patterns: NamePatterns): Uint8Array[] {
    const { line, starts, ends, shards } = to.names();
    this.line = line;
    this.starts = new Int32Array(to.count);
    this.ends = new Int32Array(to.count);
    this.shards = new Int32Array(to.count);
    this.count = 0;
    const forbidden: Uint8Array[] = [];
    for (let i = 0; i < to.count; i++) {
      const start = starts[i] as number;
      const end = ends[i] as number;
      if (!patterns.cover(line.bytes, start, end)) forbidden.push(line.bytes.slice(start, end));
      else {
        const at = this.count++;
        this.starts[at] = start;
        this.ends[at] = end;
        this.shards[at] = shards[i] as number;
      }
    }
    return forbidden;
  }
}
