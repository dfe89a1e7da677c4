/**
 * The peers that wait for names that are taken, in the order in which they came. Few names have any, so the queues are
 * kept here and not in the names.
 */
import type { Attachment } from './attachment.ts';
import type { Name } from './name.ts';

/** At most so many peers wait for one name; more are refused. A peer that comes back needs one place. */
export const MAX_WAITING_A_NAME = 64;

export class NameQueue {
  readonly #queues = new Map<Name, Attachment[]>();

  /** Lets an attachment wait for its name. @returns false if too many wait already */
  add(attachment: Attachment): boolean {
    const queue = this.#queues.get(attachment.name);
    if (queue === undefined) this.#queues.set(attachment.name, [attachment]);
    else if (queue.length < MAX_WAITING_A_NAME) queue.push(attachment);
    else return false;
    return true;
  }

  /** Whether an attachment waits for its name. */
  has(attachment: Attachment): boolean {
    return this.#queues.get(attachment.name)?.includes(attachment) === true;
  }

  /** Takes out the attachment that has waited longest for `name`. */
  next(name: Name): Attachment | undefined {
    const first = this.#queues.get(name)?.[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes an attachment out, if it waits. */
  remove(attachment: Attachment): void {
    const queue = this.#queues.get(attachment.name);
    const index = queue?.indexOf(attachment) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(attachment.name);
  }
}
