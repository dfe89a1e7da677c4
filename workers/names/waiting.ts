/**
 * Who waits for names that are taken, in the order they came. Few names have such, so they do not keep it themselves.
 */
import type { Attachment } from './attachment.ts';
import type { Name } from './name.ts';

/** So many may wait for one name; who comes then is refused. Somebody who comes back needs one place, a crowd none. */
export const MAX_WAITING_A_NAME = 64;

export class WaitingPeers {
  readonly #queues = new Map<Name, Attachment[]>();

  /** Lets an attachment wait for its name. @returns false if too many do already */
  add(attachment: Attachment): boolean {
    const queue = this.#queues.get(attachment.name);
    if (queue === undefined) this.#queues.set(attachment.name, [attachment]);
    else if (queue.length < MAX_WAITING_A_NAME) queue.push(attachment);
    else return false;
    return true;
  }

  has(attachment: Attachment): boolean {
    return this.#queues.get(attachment.name)?.includes(attachment) === true;
  }

  /** The attachment that has waited longest for `name`, which waits no more. */
  next(name: Name): Attachment | undefined {
    const first = this.#queues.get(name)?.[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** An attachment waits no more, if it did. */
  remove(attachment: Attachment): void {
    const queue = this.#queues.get(attachment.name);
    const index = queue?.indexOf(attachment) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.#queues.delete(attachment.name);
  }
}
