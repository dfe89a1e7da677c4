/**
 * The queues of peers that wait for a taken name, in the order in which they came. Few names have one, so the queues
 * are here and not a field of every name.
 */
import type { Attachment } from './attachment.ts';
import type { Name } from './name.ts';

/** At most so many peers wait for one name, and more are refused. A client that reconnects needs only one place. */
export const MAX_WAITING_A_NAME = 64;

export class NameQueue {
  readonly #queues = new Map<Name, Attachment[]>();

  /**
   * Adds an attachment to the queue of its name.
   * @param first whether it comes before all others
   * @returns false if the queue is full
   */
  add(attachment: Attachment, first = false): boolean {
    const queue = this.#queues.get(attachment.name);
    if (queue === undefined) this.#queues.set(attachment.name, [attachment]);
    else if (queue.length >= MAX_WAITING_A_NAME) return false;
    else if (first) queue.unshift(attachment);
    else queue.push(attachment);
    return true;
  }

  /** Whether an attachment waits for its name. */
  has(attachment: Attachment): boolean {
    return this.#queues.get(attachment.name)?.includes(attachment) === true;
  }

  /** Removes and returns the attachment that has waited longest for `name`. */
  next(name: Name): Attachment | undefined {
    const first = this.#queues.get(name)?.[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Removes an attachment, if it waits. */
  remove(attachment: Attachment): void {
    const queue = this.#queues.get(attachment.name);
    const index = queue?.indexOf(attachment) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(attachment.name);
  }
}
