/**
 * The log of a tab: its events, kept in the storage of the session in parts. What MUST hold:
 * 1. What `append` was given is in the storage when it returns, unless `keeps` is false.
 * 2. The log never has more than LOG_MAX_CHARS: the oldest parts go.
 *
 * It is the session's storage and no database. It ends with the tab, as the conversation of somebody who sits at a
 * browser does, and leaves nothing of anybody's mail on the disk of a shared machine. It is of one tab, so two tabs
 * cannot write over each other. And it is synchronous: a message is acknowledged in the turn in which it is stored.
 */
import type { ChatEvent } from './events.ts';

/** Characters of the whole log. Browsers allow five million of a page, and the other half of this page has some too. */
export const LOG_MAX_CHARS = 2_000_000;
/** A part that is longer is closed. The open one is written anew with each event. */
const PART_CHARS = 16_384;

/** What is used of a storage. */
export interface Keeper {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/** How far a mailbox was read: `seq` counts only as long as the mailbox has the same word. */
export interface Mark {
  readonly mailbox: string | undefined;
  readonly seq: number;
}

interface Part {
  readonly mark: Mark;
  readonly events: readonly ChatEvent[];
}

const NO_MARK: Mark = { mailbox: undefined, seq: 0 };

/** The log under one prefix of keys. */
export class Log {
  readonly #keeper: Keeper;
  readonly #prefix: string;
  /** The length of each part, by its number. The last one is open. */
  readonly #parts = new Map<number, number>();
  #open: ChatEvent[] = [];
  #number = 0;
  #chars = 0;
  #mark: Mark = NO_MARK;
  #keeps = true;

  constructor(keeper: Keeper, prefix: string) {
    this.#keeper = keeper;
    this.#prefix = prefix;
  }

  /** How far the mailbox was read. */
  get mark(): Mark {
    return this.#mark;
  }

  /** The number of the part that the next events go to. */
  get part(): number {
    return this.#number;
  }

  /** The number of the first part that is kept. */
  get firstPart(): number {
    const [first = this.#number] = this.#parts.keys();
    return first;
  }

  /** false: the storage takes nothing. The log goes on without it, and a page that is loaded again is empty. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** Reads what is kept. @param play is given each event, and the part that it is in */
  load(play: (event: ChatEvent, part: number) => void): void {
    for (const number of this.#numbers()) {
      const part = this.#read(number);
      if (part === undefined) continue;
      for (const event of part.events) play(event, number);
      this.#mark = part.mark;
      this.#number = number + 1;
    }
  }

  /** Adds events that belong together. @param mark how far the mailbox was read with them */
  append(events: readonly ChatEvent[], mark: Mark = this.#mark): void {
    this.#mark = mark;
    this.#open.push(...events);
    const text = JSON.stringify({ mark, events: this.#open } satisfies Part);
    this.#chars += text.length - (this.#parts.get(this.#number) ?? 0);
    this.#parts.set(this.#number, text.length);
    while (this.#chars > LOG_MAX_CHARS && this.#parts.size > 1) this.#dropOldest();
    this.#write(text);
    if (text.length <= PART_CHARS) return;
    this.#number++;
    this.#open = [];
  }

  /** Forgets everything. */
  clear(): void {
    for (const number of this.#numbers()) this.#keeper.removeItem(this.#keyOf(number));
    this.#parts.clear();
    this.#open = [];
    this.#chars = 0;
    this.#mark = NO_MARK;
  }

  #write(text: string): void {
    while (this.#keeps) {
      try {
        this.#keeper.setItem(this.#keyOf(this.#number), text);
        return;
      } catch {
        // It is full sooner than expected. When nothing is left to be dropped, it takes nothing at all.
        if (this.#parts.size > 1) this.#dropOldest();
        else this.#keeps = false;
      }
    }
  }

  #dropOldest(): void {
    const number = this.firstPart;
    this.#chars -= this.#parts.get(number) ?? 0;
    this.#parts.delete(number);
    this.#keeper.removeItem(this.#keyOf(number));
  }

  #keyOf(number: number): string {
    return `${this.#prefix}${number}`;
  }

  #numbers(): number[] {
    const keys = Array.from({ length: this.#keeper.length }, (_, index) => this.#keeper.key(index) ?? '');
    const own = keys.filter((key) => key.startsWith(this.#prefix)).map((key) => Number(key.slice(this.#prefix.length)));
    return own.sort((a, b) => a - b);
  }

  /** @returns undefined if it cannot be read: somebody has changed it by hand */
  #read(number: number): Part | undefined {
    const text = this.#keeper.getItem(this.#keyOf(number)) ?? '';
    try {
      const part = JSON.parse(text) as Part;
      this.#parts.set(number, text.length);
      this.#chars += text.length;
      return part;
    } catch {
      this.#keeper.removeItem(this.#keyOf(number));
      return undefined;
    }
  }
}
