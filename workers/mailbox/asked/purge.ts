/**
 * Purges mail: drops what waits for a name because an operator wishes it, wherever it waits.
 *
 * What must be true:
 * 1. Each message that is purged is dropped once, counted, and given to `MailDrops` (I42).
 * 2. Mail that came later, and mail in a writer's hands, is not purged.
 * 3. One call drops at most MAX_PURGED_MESSAGES, and reads at most MAX_READS times.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import type { FrameQueue } from '../../../src/shared/wire/frames/frame-queue.ts';
import { FRAME_HEADER_WORDS, FRAME_NUMBER, type Frames, forEachFrame } from '../../../src/shared/wire/frames/frames.ts';
import { MAX_PURGED_MESSAGES } from '../../../src/shared/wire/port/asked.ts';
import { readMessage, type StoredMessage } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Disk } from '../disk/disk.ts';
import type { Limits } from '../limits/limits.ts';
import type { MailDrops } from '../limits/mail-drops.ts';
import type { Mailbox } from '../mailbox.ts';

/** One call reads the store so often, so that it ends also if the store cannot be read. */
const MAX_READS = 8;

export interface PurgeEdges {
  readonly limits: Limits;
  readonly disk: Disk | undefined;
  readonly drops: MailDrops;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

/** What a call has come to. */
export type PurgeResult =
  | { readonly state: 'done'; readonly more: boolean }
  | { readonly state: 'unreadable' }
  | { readonly state: 'unwritable' };

/** Drops the mail of a name with a number before `before`. */
export class Purge {
  readonly #name: Name;
  readonly #edges: PurgeEdges;
  readonly before: number;
  #reads = 0;
  /** Whether the store has nothing more to drop. */
  #storeIsDone = false;
  /** Whether it has its result. What a read finds after that stays. */
  #isOver = false;
  /** How many messages were dropped, and the number of the last one. */
  purged = 0;
  last: number | undefined;

  constructor(name: Name, edges: PurgeEdges, before: number) {
    this.#name = name;
    this.#edges = edges;
    this.before = before;
  }

  /** @returns the result; undefined if it must wait for the store */
  step(): PurgeResult | undefined {
    const { mailbox } = this.#name;
    if (mailbox === undefined) return { state: 'done', more: false };
    this.#dropFrom(mailbox.front);
    const result = this.#dropStored(mailbox) ?? this.#dropBack(mailbox);
    this.#edges.left(this.#name, mailbox);
    if (result === 'wait') return undefined;
    this.#isOver = true;
    return result;
  }

  get #room(): number {
    return MAX_PURGED_MESSAGES - this.purged;
  }

  #dropBack({ back }: Mailbox): PurgeResult {
    this.#dropFrom(back);
    return { state: 'done', more: this.#room === 0 };
  }

  /** @returns undefined if nothing is left in the store */
  #dropStored(mailbox: Mailbox): PurgeResult | 'wait' | undefined {
    const { disk } = this.#edges;
    const { stored } = mailbox;
    if (disk === undefined || stored.count === 0 || stored.from >= this.before || this.#storeIsDone) return undefined;
    if (this.#room === 0) return { state: 'done', more: true };
    if (disk.groups.failing) return { state: 'unwritable' };
    if (!stored.readable || stored.reading) return 'wait';
    if (this.#reads++ === MAX_READS) return this.purged > 0 ? { state: 'done', more: true } : { state: 'unreadable' };
    disk.reader.read(this.#name, mailbox, (messages) => this.#dropFirst(mailbox, messages, disk));
    return 'wait';
  }

  /** @param messages the first that wait in the store */
  #dropFirst(mailbox: Mailbox, messages: readonly StoredMessage[], disk: Disk): void {
    if (this.#isOver) return;
    const kept = messages.findIndex(({ number }, index) => number >= this.before || index === this.#room);
    const dropped = kept < 0 ? messages : messages.slice(0, kept);
    this.#storeIsDone = (messages[kept]?.number ?? 0) >= this.before;
    const [first] = dropped;
    const last = dropped[dropped.length - 1];
    if (first === undefined || last === undefined) return;
    disk.removal.dropFirst(this.#name, mailbox, dropped);
    // While a writer has mail of the name, the records before these stay, and all up to them are deleted later.
    mailbox.stored.noteHole(first.number, last.number + 1);
    for (const { frame, body, number } of dropped) {
      this.#note(number);
      this.#edges.drops.counted(this.#name, 'PURGED', frame, body);
    }
  }

  #dropFrom(queue: FrameQueue): void {
    for (;;) {
      let taken = 0;
      const takes = (_: number, number: number) => this.#widened(number) < this.before && taken++ < this.#room;
      const run = queue.takeViewWhile(takes);
      if (run.count === 0) return;
      eachOf(run, (frame, number) => {
        this.#note(this.#widened(number));
        this.#edges.drops.fromMemory(this.#name, 'PURGED', frame);
      });
    }
  }

  #widened(number: number): number {
    return widen(number, this.#name.nextNumber);
  }

  #note(number: number): void {
    this.purged++;
    this.last = number;
  }
}

/** Drops one message, wherever it waits. */
export class PurgeOne {
  readonly #name: Name;
  readonly #edges: PurgeEdges;
  readonly #number: number;
  #reads = 0;
  #looked = false;
  /** Whether it has its result. What a read finds after that stays. */
  #isOver = false;
  purged = 0;
  readonly last: number;
  readonly before: number;

  constructor(name: Name, edges: PurgeEdges, number: number) {
    this.#name = name;
    this.#edges = edges;
    this.#number = number;
    this.last = number;
    this.before = number + 1;
  }

  /** @returns the result; undefined if it must wait for the store */
  step(): PurgeResult | undefined {
    const { mailbox } = this.#name;
    if (this.purged === 0 && mailbox !== undefined && this.#mayWait()) {
      const result = this.#dropFrom(mailbox) ? undefined : this.#dropStored(mailbox);
      this.#edges.left(this.#name, mailbox);
      if (result === 'wait') return undefined;
      this.#isOver = true;
      if (result !== undefined) return result;
    }
    return { state: 'done', more: false };
  }

  /** Whether the number can be that of a message that waits: half of it is compared in memory. */
  #mayWait(): boolean {
    const { nextNumber } = this.#name;
    return this.#number < nextNumber && widen(this.#number | 0, nextNumber) === this.#number;
  }

  #dropFrom({ front, back }: Mailbox): boolean {
    const dropped = (frame: Frames) => {
      this.purged = 1;
      this.#edges.drops.fromMemory(this.#name, 'PURGED', frame);
    };
    return front.dropOne(this.#number | 0, dropped) || back.dropOne(this.#number | 0, dropped);
  }

  #dropStored(mailbox: Mailbox): PurgeResult | 'wait' | undefined {
    const { disk } = this.#edges;
    const { stored } = mailbox;
    const waitsThere = stored.count > 0 && this.#number >= stored.from && this.#number < stored.to;
    if (disk === undefined || !waitsThere || this.#looked) return undefined;
    if (disk.groups.failing) return { state: 'unwritable' };
    if (this.#number >= stored.committedTo || stored.reading) return 'wait';
    if (this.#reads++ === MAX_READS) return { state: 'unreadable' };
    disk.reader.look(this.#name, mailbox, this.#number, 1, ([entry]) => {
      const message = entry === undefined ? undefined : readMessage(...entry);
      // It may have been moved to memory meanwhile, and is looked for there again.
      if (this.#isOver || this.#number < stored.from) return;
      this.#looked = true;
      if (message?.number === this.#number) this.#drop(mailbox, message, disk);
    });
    return 'wait';
  }

  #drop(mailbox: Mailbox, message: StoredMessage, { removal }: Disk): void {
    if (removal.wasDropped(mailbox, message.number)) return;
    const { drops, limits } = this.#edges;
    removal.drop(this.#name, mailbox, message);
    this.purged = 1;
    drops.counted(this.#name, 'PURGED', message.frame, message.body);
    // The bytes that are counted still are those of damaged messages.
    if (mailbox.stored.count === 0) limits.release(0, mailbox.stored.forgetBytes());
  }
}

function eachOf(run: Frames, visit: (frame: Frames, number: number) => void): void {
  forEachFrame(run, (at, length, header) => {
    const headers = run.headers.subarray(header, header + FRAME_HEADER_WORDS);
    visit({ headers, bytes: run.bytes.subarray(at, at + length), count: 1 }, headers[FRAME_NUMBER] as number);
  });
}
