/** Deliberate bugs of what crosses between the threads, and of the lives of a shard. */
import type { Bug } from './bug.ts';

export const THREAD_BUGS: readonly Bug[] = [
  {
    what: 'a restarted shard delivers frames that a writer still has',
    file: 'src/shards/reattach.ts',
    code: 'const settledNumber = gone ? writtenNumber : handedNumber;',
    wrong: 'const settledNumber = writtenNumber;',
  },
  {
    what: 'a buffer with frames that were delivered in place is never released',
    file: 'src/shards/shard-lives.ts',
    code: 'released: (buffer) => pools.toShard.release(buffer),',
    wrong: 'released: () => true,',
  },
  {
    what: 'a thread sleeps without a last look for posts',
    file: 'src/shared/memory/post-ring.ts',
    code: 'if (!this.waiting) return true;',
    wrong: 'if (this.#first >= 0) return true;',
  },
  {
    what: 'a post in a leased buffer overtakes one that moved a buffer',
    file: 'src/shared/wire/port/data-port.ts',
    code: 'if (this.#in.stamp === this.#laneTaken) return this.#in.take();',
    wrong: 'if (this.#early.length === 0) return this.#in.take();',
  },
  {
    what: 'a post that moved a buffer overtakes those in leased buffers',
    file: 'src/shared/wire/port/data-port.ts',
    code: 'if (first !== undefined && first.after === this.#in.taken) return this.#takeEarly();',
    wrong: 'if (first !== undefined) return this.#takeEarly();',
  },
  {
    what: 'the main thread does not look for posts at the end of a turn',
    file: 'src/shards/thread/turn-looks.ts',
    code: 'for (const looked of this.#looked) looked.lookNow();',
    wrong: 'this.#looked.clear();',
  },
  {
    what: 'a leased buffer is filled again',
    file: 'src/shared/wire/batch.ts',
    code: 'pool.acquire(number);',
    wrong: 'if (used > 40) pool.acquire(number);',
  },
  {
    what: 'waiting peers lose their order when the shard crashes',
    file: 'src/shards/reattach.ts',
    code: 'a.attachment.place - b.attachment.place',
    wrong: 'b.attachment.place - a.attachment.place',
  },
  {
    what: 'a name between two parts of a list is left out',
    file: 'src/router/router.ts',
    code: 'this.namesDone = end;',
    wrong: 'this.namesDone = end + (end < to.count ? 1 : 0);',
  },
  {
    what: 'a flush ends while the answer of one shard is missing',
    file: 'src/shards/flushes.ts',
    code: 'if (flush.missing.size > 0) return;',
    wrong: 'if (flush.missing.size > 1) return;',
  },
  {
    what: 'a restarted shard is not sent the flushes that it has not answered',
    file: 'src/shards/flushes.ts',
    code: 'if (missing.has(shard)) putFlush(outbox.batch, id);',
    wrong: 'if (!missing.has(shard)) putFlush(outbox.batch, id);',
  },
  {
    what: 'an outbox posts to a shard that has died',
    file: 'src/shards/shard-link.ts',
    code: 'this.#receiveRest(thread);\n      this.#disconnect();',
    wrong: 'this.#receiveRest(thread);',
  },
  {
    what: 'the caller waits for ever if a shard dies before it answers',
    file: 'src/shards/shard-link.ts',
    code: 'for (const over of this.#due) over();',
    wrong: '',
  },
  {
    what: 'a restarted shard is told what the first life was told',
    file: 'src/shards/supervisor.ts',
    code: 'known = supervised.known();',
    wrong: '',
  },
  {
    what: 'a restarted shard is not told of the end of a session that the previous life knew of',
    file: 'src/shards/reattach.ts',
    code: 'if (gone) putReturn(',
    wrong: 'if (gone && !introduced) putReturn(',
  },
];
