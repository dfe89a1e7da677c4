/**
 * How much mail of a shard waits in memory, and whether more may.
 *
 * What must be true: `bytes` is what waits at the front and at the back of all mailboxes.
 */
import type { ShardSettings } from '../../../src/shared/wire/shard-task.ts';
import type { Attachment } from '../../names/attachment.ts';

/** So many times its window may wait in memory at either end of the mailbox of a peer that reads. */
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

  /** Whether memory is short: only what is needed next is read from the store then. */
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
   * Whether mail for a peer that is here may wait in memory. A peer that has read much may have more there than others:
   * a burst that its window cannot take would go to disk and come back at a tenth of the speed, and more would follow
   * it for as long as that takes.
   * @param partBytes what the front or the back of its mailbox would have then
   * @param moreBytes what of that is not counted in `bytes` yet
   */
  mayWait(holder: Attachment, partBytes: number, moreBytes: number): boolean {
    const { frontBytes, firstWindowBytes, memoryBytes, fullMemoryBytes } = this.#settings;
    if (this.#bytes + moreBytes > fullMemoryBytes) return false;
    if (partBytes <= frontBytes) return true;
    if (holder.windowBytes <= firstWindowBytes || partBytes > holder.windowBytes * ROOMY_WINDOWS) return false;
    return this.#bytes + moreBytes <= memoryBytes;
  }
}
