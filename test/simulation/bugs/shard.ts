/** Deliberate bugs of shards. */
import type { Bug } from './bug.ts';

export const SHARD_BUGS: readonly Bug[] = [
  {
    what: 'the end of an old attachment frees the name of a new one',
    file: 'workers/shard/holders/name-ownership.ts',
    code: 'attachment.ended = true;\n    if (name.holder === attachment) {',
    wrong: 'attachment.ended = true;\n    if (name.holder !== undefined) {',
  },
  {
    what: 'mail is delivered before every frame of the previous holder is accounted for',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'mailbox === undefined || name.unsettled !== undefined) return;',
    wrong: 'mailbox === undefined) return;',
  },
  {
    what: 'mail is deleted from the store before it is written',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#mailboxes.handedOut(extent.count, extent.bytes);',
    wrong:
      'this.#mailboxes.handedOut(extent.count, extent.bytes);\n    this.#mailboxes.written(holder.name, holder.name.nextNumber - 1);',
  },
  {
    what: 'a buffer is released while frames in it are to be delivered in place',
    file: 'workers/shard/shard.ts',
    code: 'if (inPlace) putReleased(outgoing.batch, number);',
    wrong: 'if (inPlace && outgoing.batch.used < 0) putReleased(outgoing.batch, number);',
  },
  {
    what: 'a leased buffer is released before its frames are delivered',
    file: 'workers/shard/shard.ts',
    code: 'if (isLease(post)) this.#spent.push(post);',
    wrong: 'if (isLease(post)) post.from.release(post.number);',
  },
  {
    what: 'a waiting peer does not get the name when its holder leaves',
    file: 'workers/shard/holders/name-ownership.ts',
    code: 'if (next !== undefined) this.#enter(next, name);',
    wrong: '',
  },
  {
    what: 'the peer that came last gets the name',
    file: 'workers/names/name-queue.ts',
    code: 'this.#queues.get(name)?.[0];',
    wrong: 'this.#queues.get(name)?.at(-1);',
  },
  {
    what: 'a session does not wait for mail that the previous holder returns',
    file: 'workers/names/name.ts',
    code: 'return back + (this.mailbox?.count ?? 0);',
    wrong: 'return this.mailbox?.count ?? 0;',
  },
  {
    what: 'a name with mail stays in the list of idle names',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#idle.remove(name);',
    wrong: '',
  },
  {
    what: 'a peer that waits for a name is not told that the name was taken over',
    file: 'workers/shard/holders/name-ownership.ts',
    code: 'if (isSameName(other, name) && !ended) putTakenOver',
    wrong: 'if (isSameName(other, name) && !ended && name.holder?.number === number) putTakenOver',
  },
  {
    what: 'the next life of a shard does not know that a peer takes its name over',
    file: 'src/shards/reattach.ts',
    code: "standing === 'send-only', progress, windowFrames, proven);",
    wrong: "standing === 'send-only', progress, windowFrames);",
  },
];
