/**
 * A durable message is handed to a writer only when it is on disk for good. One exception: while the store cannot be
 * written, mail of the group that failed is delivered from memory, and may come back and be handed over again.
 */
import {
  DURABLE,
  FRAME_BODY,
  FRAME_NUMBER,
  type Frames,
  forEachFrame,
} from '../../../../src/shared/wire/frames/frames.ts';
import type { Disk } from '../../world/disk.ts';
import type { PostState } from '../../world/post-log.ts';

export class Durable {
  /** The messages, by name and number, that were handed over while the store could not be written. */
  readonly #excused = new Set<string>();

  /** Frames are handed to a writer. @throws if one is not on disk */
  handed(name: string, frames: Frames, disk: Disk, { syncs, failing }: PostState): void {
    forEachFrame(frames, (_at, _length, header) => {
      if (((frames.headers[header + FRAME_BODY] as number) & DURABLE) === 0) return;
      const number = frames.headers[header + FRAME_NUMBER] as number;
      const message = `${name} ${number}`;
      if (disk.wasSynced(Buffer.from(name), number, syncs)) return;
      if (failing) this.#excused.add(message);
      else if (!this.#excused.has(message)) throw new Error(`durable ${message} is delivered, and is not on disk`);
    });
  }

  /** The next broker of this life has started. All that it has is on disk. */
  begin(): void {
    this.#excused.clear();
  }
}
