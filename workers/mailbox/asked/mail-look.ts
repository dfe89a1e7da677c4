/** Looks at mail that waits, in memory and in the store, and leaves it where it is. */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import {
  bodyOffsetOf,
  DURABLE,
  FRAME_BODY,
  FRAME_HELD_AT,
  FRAME_NUMBER,
  FRAME_PREFIX_BYTES,
  FROM_PROGRAM,
} from '../../../src/shared/wire/frames/frames.ts';
import { visitBehind } from '../../../src/shared/wire/frames/frames-in-place.ts';
import { bodyStartOf, expiryOf, NEVER } from '../../../src/shared/wire/frames/message-head.ts';
import { type AskedMessage, SHOWN_TEXT_BYTES } from '../../../src/shared/wire/port/asked.ts';
import { type Entry, readMessage } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Disk } from '../disk/disk.ts';
import type { Mailbox } from '../mailbox.ts';

/** One look reads so much of the store, so that it is over soon. */
const READ_BYTES = 256 * 1024;
/** So often a read that fails is tried. */
const TRIES = 3;

/** What was found. */
interface Found {
  readonly state: 'found';
  readonly messages: readonly AskedMessage[];
  readonly more: boolean;
}

/** A look at the mail of one name. */
export class MailLook {
  readonly #name: Name;
  readonly #disk: Disk | undefined;
  readonly #after: number;
  readonly #limit: number;
  #tries = 0;
  #found: Found | undefined;

  /** @param after the number behind which the messages are */
  constructor(name: Name, disk: Disk | undefined, after: number, limit: number) {
    this.#name = name;
    this.#disk = disk;
    this.#after = after;
    this.#limit = limit;
  }

  /** @returns what was found; undefined if it must wait for the store */
  step(): Found | { readonly state: 'unreadable' } | undefined {
    const { mailbox } = this.#name;
    if (this.#found !== undefined || mailbox === undefined) return this.#found ?? NOTHING;
    const { stored, front } = mailbox;
    const from = Math.max(stored.from, this.#after + 1);
    // As long as the store cannot be written, what is not written yet is left out.
    const isLast = from >= stored.committedTo && this.#disk?.groups.failing === true;
    if (this.#disk === undefined || stored.count === 0 || from >= stored.to || isLast || front.count > this.#limit) {
      return this.#collect(mailbox, [], true);
    }
    if (from < stored.committedTo && !stored.reading) this.#read(mailbox, from, this.#disk);
    return this.#tries > TRIES ? { state: 'unreadable' } : undefined;
  }

  #read(mailbox: Mailbox, from: number, disk: Disk): void {
    if (++this.#tries > TRIES) return;
    disk.reader.look(this.#name, mailbox, from, READ_BYTES, (entries) => {
      const last = entries[entries.length - 1];
      const isAll = last === undefined || (readMessage(...last)?.number ?? 0) >= mailbox.stored.to - 1;
      this.#found = this.#collect(mailbox, entries, isAll);
    });
  }

  /** @param isAll whether `entries` has all that is in the store behind `after` */
  #collect(mailbox: Mailbox, entries: readonly Entry[], isAll: boolean): Found {
    const messages: AskedMessage[] = [];
    const take = (message: AskedMessage) => {
      if (message.seq > this.#after) messages.push(message);
      return messages.length <= this.#limit;
    };
    this.#visit(mailbox.front, take);
    for (const [key, value] of entries) {
      const stored = readMessage(key, value);
      if (stored === undefined || stored.number < mailbox.stored.from) continue;
      if (this.#disk?.removal.wasDropped(mailbox, stored.number) === true) continue;
      if (!take(asked(stored.number, stored.frame, stored.body, stored.heldAt))) break;
    }
    if (isAll) this.#visit(mailbox.back, take);
    return {
      state: 'found',
      messages: messages.slice(0, this.#limit),
      more: messages.length > this.#limit || !isAll,
    };
  }

  #visit(queue: Mailbox['front'], take: (message: AskedMessage) => boolean): void {
    const { nextNumber } = this.#name;
    const first = queue.firstWord(FRAME_NUMBER);
    if (first === undefined || this.#after >= nextNumber) return;
    const after = Math.max(this.#after, widen(first, nextNumber) - 1);
    visitBehind(queue, after | 0, ({ bytes, headers }) => {
      const number = widen(headers[FRAME_NUMBER] as number, nextNumber);
      return take(asked(number, bytes, headers[FRAME_BODY] as number, (headers[FRAME_HELD_AT] as number) >>> 0));
    });
  }
}

const NOTHING: Found = { state: 'found', messages: [], more: false };

function asked(seq: number, frame: Uint8Array, kind: number, heldAt: number): AskedMessage {
  const offset = bodyOffsetOf(kind);
  const isJson = (kind & FROM_PROGRAM) !== 0;
  const start = isJson ? bodyStartOf(frame, offset, frame.length) : offset;
  const end = frame.length - 1;
  const shownEnd = wholeUpTo(frame, Math.min(end, start + SHOWN_TEXT_BYTES));
  const expires = expiryOf(kind, frame, 0, frame.length);
  const text = (from: number, to: number) => Buffer.from(frame.buffer, frame.byteOffset + from, to - from).toString();
  return {
    seq,
    from: text(FRAME_PREFIX_BYTES.before, Math.max(FRAME_PREFIX_BYTES.before, offset - FRAME_PREFIX_BYTES.behind)),
    heldAt,
    expires: expires === NEVER ? undefined : expires,
    bytes: frame.length,
    durable: (kind & DURABLE) !== 0,
    isJson,
    body: text(start, Math.max(start, shownEnd)),
    cut: shownEnd < end,
  };
}

/** @returns `end`, or the place before it at which a character of UTF-8 ends */
function wholeUpTo(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}
