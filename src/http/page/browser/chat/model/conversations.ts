/**
 * The conversations, as the events have made them. What MUST hold:
 * 1. A conversation has KEPT_ENTRIES at most, and there are MAX_CONVERSATIONS at most: the oldest go.
 * 2. An entry that changes becomes another object, and what has not changed stays the same one. So whoever draws them
 *    sees by the object alone what to draw anew.
 */
import { type Came, type ChatEvent, isFinal, type Said, type Sends, type SentState } from './events.ts';

/** Entries of one conversation that are kept. */
export const KEPT_ENTRIES = 5_000;
/** Conversations that are kept. */
export const MAX_CONVERSATIONS = 200;
/** Past its limit a conversation loses this many entries at once, so that not each further one moves all. */
const SLACK_ENTRIES = 500;

interface Place {
  /** It rises from entry to entry. */
  readonly number: number;
  /** In which part of the log it is. */
  readonly part: number;
}

export type States = Readonly<Record<string, SentState>>;

/** One entry of a conversation. */
export type Entry = Place & (Came | Said | (Sends & { readonly states: States }));

/** What was said with one name, or was sent to several. */
export interface Conversation {
  /** The same names, in whatever order, are the same conversation. */
  readonly key: string;
  readonly names: readonly string[];
  readonly entries: readonly Entry[];
  /** How many messages came that nobody has seen. */
  readonly unread: number;
}

interface Kept extends Conversation {
  entries: Entry[];
  unread: number;
}

interface Sent {
  readonly key: string;
  readonly number: number;
}

/** The key of the conversation with these names. No name has a comma. */
export function keyOf(names: readonly string[]): string {
  return [...new Set(names)].sort().join(', ');
}

/** All conversations of one name. */
export class Conversations {
  readonly #kept = new Map<string, Kept>();
  readonly #sent = new Map<string, Sent>();
  #lastNumber = 0;

  /** The one that something was said in last comes first. */
  get all(): readonly Conversation[] {
    return [...this.#kept.values()].reverse();
  }

  get(key: string): Conversation | undefined {
    return this.#kept.get(key);
  }

  /** How many messages nobody has seen. */
  get unread(): number {
    let unread = 0;
    for (const conversation of this.#kept.values()) unread += conversation.unread;
    return unread;
  }

  /** Whether a message is one that was sent, and is kept. */
  hasSent(id: string): boolean {
    return this.#sent.has(id);
  }

  /** The messages that the broker has not answered. */
  get unanswered(): readonly Sends[] {
    const entries = [...this.#sent.values()].map((sent) => this.#entryOf(sent));
    return entries.flatMap((entry) => {
      return entry?.kind === 'sends' && Object.values(entry.states).includes('sending') ? [entry] : [];
    });
  }

  /** @param part of the log, which the event is in */
  apply(event: ChatEvent, part: number): void {
    switch (event.kind) {
      case 'came':
        this.#add([event.from], { ...event, ...this.#place(part) }, 1);
        break;
      case 'sends': {
        const states = Object.fromEntries(event.to.map((name) => [name, 'sending' as const]));
        const place = this.#place(part);
        const { key } = this.#add(event.to, { ...event, ...place, states }, 0);
        this.#sent.set(event.id, { key, number: place.number });
        break;
      }
      case 'said':
        this.#add(event.with, { ...event, ...this.#place(part) }, 0);
        break;
      case 'state':
        this.#setState(event.id, event.name, event.state);
        break;
      case 'read':
        this.#change(keyOf(event.with), (kept) => ({ ...kept, unread: 0 }));
        break;
      default:
        event satisfies never;
    }
  }

  /** The log has lost what is before a part. So it is not shown any more, and memory has the bound of the log. */
  forgetBefore(part: number): void {
    for (const [key, { entries }] of this.#kept) {
      const gone = entries.findIndex((entry) => entry.part >= part);
      if (gone !== 0) this.#cut(key, gone === -1 ? entries.length : gone);
    }
  }

  #place(part: number): Place {
    return { number: ++this.#lastNumber, part };
  }

  #add(names: readonly string[], entry: Entry, unread: number): Conversation {
    const key = keyOf(names);
    const kept = this.#kept.get(key) ?? { key, names: [...new Set(names)].sort(), entries: [], unread: 0 };
    // The entries are one array as long as it only grows: thousands of quick ones are not copied each time.
    kept.entries.push(entry);
    this.#kept.delete(key);
    this.#kept.set(key, { ...kept, unread: kept.unread + unread });
    if (kept.entries.length > KEPT_ENTRIES) this.#cut(key, SLACK_ENTRIES);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_CONVERSATIONS && oldest !== undefined) this.#cut(oldest, Number.POSITIVE_INFINITY);
    return kept;
  }

  /** Takes the first entries out, and a conversation that has no other. */
  #cut(key: string, count: number): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    for (const entry of kept.entries.slice(0, count)) if (entry.kind === 'sends') this.#sent.delete(entry.id);
    const entries = kept.entries.slice(count);
    if (entries.length === 0) this.#kept.delete(key);
    else this.#kept.set(key, { ...kept, entries });
  }

  #change(key: string, changed: (kept: Kept) => Kept): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#kept.set(key, changed(kept));
  }

  #setState(id: string, name: string, state: SentState): void {
    const sent = this.#sent.get(id);
    const entry = sent && this.#entryOf(sent);
    if (sent === undefined || entry?.kind !== 'sends') return;
    const before = entry.states[name];
    // A receipt can be heard before the answer, which is one turn later.
    if (before === undefined || (isFinal(before) && !isFinal(state))) return;
    const changed = { ...entry, states: { ...entry.states, [name]: state } };
    this.#change(sent.key, (kept) => {
      kept.entries[this.#indexOf(kept, sent.number)] = changed;
      return { ...kept };
    });
  }

  #entryOf({ key, number }: Sent): Entry | undefined {
    const kept = this.#kept.get(key);
    return kept?.entries[this.#indexOf(kept, number)];
  }

  /** The index of an entry: their numbers rise. */
  #indexOf({ entries }: Conversation, number: number): number {
    return entries.findLastIndex((entry) => entry.number === number);
  }
}
