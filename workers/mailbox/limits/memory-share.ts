/**
 * How much mail of this shard waits in memory, and whether more may.
 *
 * What must be true: `bytes` is the sum of the fronts and backs of all mailboxes.
 */
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { Attachment } from '../../names/attachment.ts';

/** For a peer whose window has opened, so many windows may wait in memory at either end of its mailbox. */
const ROOMY_WINDOWS = 4;

export class MemoryShare {
  readonly #settings: ShardSettings;
  #bytes = 0;

  constructor(settings: ShardSettings) {
    this.#settings = settings;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether memory is short. Then only the mail that is needed next is read from the store. */
  get full(): boolean {
    return this.#bytes >= this.#settings.fullMemoryBytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }

  /**
   * Whether mail for a connected peer may wait in memory. A peer that has read much may have more in memory than
   * others. If a burst beyond its window went to disk, it would come back at a tenth of the speed, and the mail behind
   * it would have to go to disk as well.
   * @param partBytes the size that the front or the back of its mailbox would have
   * @param moreBytes the part of that which is not counted in `bytes` yet
   */
  mayWait(holder: Attachment, partBytes: number, moreBytes: number): boolean {
    const { frontBytes, firstWindowBytes, memoryBytes, fullMemoryBytes } = this.#settings;
    if (this.#bytes + moreBytes > fullMemoryBytes) return false;
    if (partBytes <= frontBytes) return true;
    if (holder.windowBytes <= firstWindowBytes || partBytes > holder.windowBytes * ROOMY_WINDOWS) return false;
    return this.#bytes + moreBytes <= memoryBytes;
  }
}
