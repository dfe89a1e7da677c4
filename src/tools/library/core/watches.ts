/** Who watches which names. A watcher that is slow gets the latest of each name, and no more. */
import { LimitError, type RestanteError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { Feed } from '../waits/feed.ts';
import type { Part, Wire } from './wire.ts';
import { linesOfNames, numberIn, textIn, type Words } from './words.ts';

/** A name has come or gone. */
export interface Presence {
  readonly name: string;
  readonly here: boolean;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
}

/** The latest of each name that was not taken. */
type Unread = Map<string, Presence>;

interface Watcher {
  readonly names: ReadonlySet<string>;
  readonly unread: Unread;
}

/** All watchers of one client. */
export class Watches implements Part {
  readonly #settings: Settings;
  readonly #wire: Wire;
  readonly #watchers = new Map<Feed<Presence>, Watcher>();
  #ended: RestanteError | undefined;

  constructor(settings: Settings, wire: Wire) {
    this.#settings = settings;
    this.#wire = wire;
  }

  /** See Client.watch. */
  watch(watched: readonly string[], signal: AbortSignal | undefined): Feed<Presence> {
    if (this.#ended !== undefined) throw this.#ended;
    const before = this.#names();
    const names = new Set(watched);
    const fresh = [...names].filter((name) => !before.has(name));
    const max = this.#settings.limits.watchedNames;
    if (before.size + fresh.length > max) throw new LimitError('watchedNames', max);
    const unread: Unread = new Map();
    const feed = new Feed<Presence>({ pull: () => oldestOf(unread), over: (ended) => this.#over(ended), signal });
    if (feed.ended) return feed;
    this.#watchers.set(feed, { names, unread });
    this.#say('watch', fresh);
    return feed;
  }

  #over(feed: Feed<Presence>): void {
    const watcher = this.#watchers.get(feed);
    this.#watchers.delete(feed);
    const left = this.#names();
    this.#say(
      'unwatch',
      [...(watcher?.names ?? [])].filter((name) => !left.has(name)),
    );
  }

  #names(): Set<string> {
    return new Set([...this.#watchers.values()].flatMap(({ names }) => [...names]));
  }

  #say(type: 'watch' | 'unwatch', names: readonly string[]): void {
    if (!this.#wire.up) return;
    for (const line of linesOfNames({ type }, names, this.#wire.maxLineBytes)) this.#wire.say(line);
  }

  heard(words: Words): void {
    const name = textIn(words, 'name');
    const presence = { name, here: words.here === true, time: numberIn(words, 'time') };
    for (const [feed, { names, unread }] of this.#watchers) {
      if (!names.has(name)) continue;
      unread.set(name, presence);
      feed.wake();
    }
  }

  /** See Part. */
  welcomed(): void {
    this.#say('watch', [...this.#names()]);
  }

  /** See Part. */
  ended(error: RestanteError): void {
    this.#ended = error;
    for (const feed of this.#watchers.keys()) feed.finish(error);
  }
}

function oldestOf(unread: Unread): Presence | undefined {
  const [oldest] = unread.values();
  if (oldest !== undefined) unread.delete(oldest.name);
  return oldest;
}
