/** Parts of the mailboxes for tests without a shard: names, messages as a shard reads them, and a fake disk. */
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { MessageRecord } from '../../../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../../../src/shared/wire/port/shard-task.ts';
import { Disk } from '../../../../workers/mailbox/disk/disk.ts';
import { Limits } from '../../../../workers/mailbox/limits/limits.ts';
import { MemoryShare } from '../../../../workers/mailbox/limits/memory-share.ts';
import { Attachment } from '../../../../workers/names/attachment.ts';
import { Name } from '../../../../workers/names/name.ts';
import { BENCH_SETTINGS } from '../samples.ts';
import { PaperStore } from '../store.ts';
import { NO_PROGRESS, PaperBudget } from './bench.ts';

/** The settings of a unit test, with little room in memory. */
const LITTLE_ROOM: ShardSettings = {
  ...BENCH_SETTINGS,
  writeWindowBytes: 1000,
  firstWindowBytes: 1000,
  frontBytes: 1000,
};

export function settingsOf(settings: Partial<ShardSettings>): ShardSettings {
  return { ...LITTLE_ROOM, ...settings };
}

export function nameOf(text: string): Name {
  return new Name(Buffer.from(text), 0, 1);
}

/** Gives the name a holder. */
export function attach(name: Name, windowBytes = 1000): Attachment {
  const holder = new Attachment(1, name, NO_PROGRESS, windowBytes);
  Object.assign(name, { holder });
  return holder;
}

/** A message whose frame is `from SENDER: BODY` and a LF. */
export function messageFrom(sender: string, body: string): MessageRecord {
  const prefix = `from ${sender}: `;
  const frame = Buffer.from(`${prefix}${body}\n`);
  const memory = new Memory(new ArrayBuffer(frame.length));
  memory.bytes.set(frame);
  return Object.assign(new MessageRecord(), { memory, frameLength: frame.length, bodyOffset: prefix.length });
}

/** The real `Disk` of a shard over a fake store, with a record of its callbacks. */
export class PaperDisk {
  readonly store = new PaperStore();
  readonly budget = new PaperBudget(Number.POSITIVE_INFINITY);
  readonly limits: Limits;
  readonly memory: MemoryShare;
  readonly disk: Disk;
  readonly ready: string[] = [];
  /** The names for which `left` was called: their mailboxes may be empty. */
  readonly left: string[] = [];

  constructor(settings: Partial<ShardSettings> = {}) {
    const all = settingsOf(settings);
    this.limits = new Limits(all, this.budget, () => false);
    this.memory = new MemoryShare(all);
    this.disk = new Disk(this.store, all, this.limits, this.memory, {
      now: () => 1000,
      ready: (name) => this.ready.push(Buffer.from(name.bytes).toString()),
      answered: () => undefined,
      failed: () => undefined,
      missing: () => undefined,
      unreadable: () => undefined,
      left: (name) => this.left.push(Buffer.from(name.bytes).toString()),
    });
  }

  /** Writes everything that is gathered. */
  write(): this {
    this.disk.groups.submit();
    while (this.store.answer());
    return this;
  }

  /** The bodies of all stored frames, in the order of their keys. */
  get stored(): string[] {
    const values = this.store.keys('m').map((key) => Buffer.from(this.store.entries.get(key) ?? []));
    return values.map((value) => value.toString('latin1', 8).trimEnd());
  }
}
