/**
 * What becomes of a message that is dropped while it waits: its record is deleted, it is counted no more, and its
 * sender may be told.
 */
import type { DropReason } from '../../../src/shared/codes/drops.ts';
import { FRAME_BODY, FRAME_NUMBER, type Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { Name } from '../../names/name.ts';
import type { Disk } from '../disk/disk.ts';
import type { Limits } from './limits.ts';
import type { MemoryShare } from './memory-share.ts';

export interface MailDropEdges {
  readonly limits: Limits;
  readonly memory: MemoryShare;
  readonly disk: Disk | undefined;
  /** A message was dropped. @param body the word FRAME_BODY of its header */
  readonly dropped: (name: Name, reason: DropReason, frame: Uint8Array, body: number) => void;
}

export class MailDrops {
  readonly #edges: MailDropEdges;

  constructor(edges: MailDropEdges) {
    this.#edges = edges;
  }

  /** A message was dropped from the front or the back. It may have a record in the store, which is deleted. */
  fromMemory(name: Name, reason: DropReason, frame: Frames): void {
    this.#edges.disk?.removal.deleteOne(name, frame.headers[FRAME_NUMBER] as number);
    this.#fromMemory(name, reason, frame);
  }

  /** A message was dropped from the front or the back, with its name. */
  forgotten(name: Name, frame: Frames): void {
    this.#fromMemory(name, 'NOTHING_HELD', frame);
  }

  /** A message was dropped that is in memory no more, and its record is deleted. */
  counted(name: Name, reason: DropReason, frame: Uint8Array, body: number): void {
    this.#edges.limits.release(1, frame.length);
    this.#edges.dropped(name, reason, frame, body);
  }

  #fromMemory(name: Name, reason: DropReason, { bytes, headers }: Frames): void {
    this.#edges.memory.remove(bytes.length);
    this.counted(name, reason, bytes, headers[FRAME_BODY] as number);
  }
}
