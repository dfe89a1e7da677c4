/**
 * Deliberate bugs, which show that the simulation can fail. Each replaces one piece of code in one file, and is tried
 * alone.
 */
export interface Bug {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly wrong: string;
}

export const BUGS: readonly Bug[] = [
  {
    what: 'returned mail is put at the back of the mailbox',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'mailboxOf(name).front.unshift(runs, this.#edges.now());',
    wrong: 'for (const run of runs) mailboxOf(name).front.pushRun(run);',
  },
  {
    what: 'a written frame is counted twice',
    file: 'src/session/writer.ts',
    code: 'this.#writtenFrames = add(this.#writtenFrames, frames.count);',
    wrong: 'this.#writtenFrames = add(this.#writtenFrames, frames.count + (frames.count > 1 ? 1 : 0));',
  },
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
    what: 'a sync is skipped',
    file: 'workers/mailbox/disk/group-commit.ts',
    code: 'this.#store.write(group.ops, group.sync, (error) => {',
    wrong: 'this.#store.write(group.ops, false, (error) => {',
  },
  {
    what: 'mail is called held before it is written',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'if (this.#disk === undefined) then();\n    else this.#disk.groups.whenWritten(then);',
    wrong: 'then();',
  },
  {
    what: 'mail is read from the store before it is committed',
    file: 'workers/mailbox/stored-part.ts',
    code: 'this.#committedTo = Math.max(this.#committedTo, to);',
    wrong: 'this.#committedTo = Number.MAX_SAFE_INTEGER;',
  },
  {
    what: 'mail stays in the store after it is written',
    file: 'workers/mailbox/disk/removal.ts',
    code: 'this.deleteBefore(name, mailbox, Math.min(last + 1, mailbox.firstWaiting(name.nextNumber)));',
    wrong: '',
  },
  {
    what: 'mail is deleted from the store before it is written',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#mailboxes.handedOut(extent.count, extent.bytes);',
    wrong:
      'this.#mailboxes.handedOut(extent.count, extent.bytes);\n    this.#mailboxes.written(holder.name, holder.name.nextNumber - 1);',
  },
  {
    what: 'a group whose write failed is dropped',
    file: 'workers/mailbox/disk/group-commit.ts',
    code: 'if (this.#underWay !== undefined) this.#write(this.#underWay);',
    wrong: 'this.#underWay = undefined;',
  },
  {
    what: 'new mail overtakes stored mail',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'if (name.holder === undefined || mailbox.stored.count > 0 || mailbox.back.count > 0) return false;',
    wrong: 'if (name.holder === undefined) return false;',
  },
  {
    what: 'a restarted shard delivers frames that a writer still has',
    file: 'src/shards/reattach.ts',
    code: 'settledNumber: gone ? writtenNumber : handedNumber,',
    wrong: 'settledNumber: writtenNumber,',
  },
  {
    what: 'frames that reach a writer after it has finished are dropped',
    file: 'src/session/writer.ts',
    code: "if (this.#state === 'finished') this.#home.returned(false, this.progress, [ownFrames(frames)]);",
    wrong: "if (this.#state === 'finished') return;",
  },
  {
    what: 'the rest of a partly written slice is not returned',
    file: 'src/session/writer.ts',
    code: 'if (left.count > 0) runs.push(ownFrames(left));',
    wrong: '',
  },
  {
    what: 'bytes taken from the budget are not freed',
    file: 'workers/mailbox/limits/limits.ts',
    code: 'this.#budget.give(bytes);',
    wrong: '',
  },
  {
    what: 'a buffer is released while frames in it are to be delivered in place',
    file: 'workers/shard/shard.ts',
    code: 'if (inPlace) putReleased(outgoing.batch, number);',
    wrong: 'if (inPlace && outgoing.batch.used < 0) putReleased(outgoing.batch, number);',
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
    what: 'a leased buffer is released before its frames are delivered',
    file: 'workers/shard/shard.ts',
    code: 'if (isLease(post)) this.#spent.push(post);',
    wrong: 'if (isLease(post)) post.from.release(post.number);',
  },
  {
    what: 'a leased buffer is filled again',
    file: 'src/shared/wire/batch.ts',
    code: 'pool.acquire(number);',
    wrong: 'if (used > 40) pool.acquire(number);',
  },
  {
    what: 'a second read of a mailbox begins while the first is under way',
    file: 'workers/mailbox/disk/spill.ts',
    code: 'this.#leaving.add(name);',
    wrong: 'name.mailbox.stored.endRead();\n    this.#leaving.add(name);',
  },
  {
    what: 'mail behind a gap in the store is never delivered',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'const missing = mailbox.stored.trim();',
    wrong: 'const missing = 0;',
  },
  {
    what: 'a read that failed is not tried again',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'if (error !== undefined) this.#edges.unreadable(error);',
    wrong: 'if (error !== undefined) stored.beginRead();',
  },
  {
    what: 'mail ages by a wall clock that jumped between two lives',
    file: 'src/store/clock.ts',
    code: 'if (Math.abs(wall - aged) <= holdSeconds)',
    wrong: 'if (wall - aged > -holdSeconds)',
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
    what: 'waiting peers lose their order when the shard crashes',
    file: 'src/shards/reattach.ts',
    code: 'a.place - b.place',
    wrong: 'b.place - a.place',
  },
  {
    what: 'lines are routed under a name that another peer holds',
    file: 'src/session/claim.ts',
    code: 'if (strict) this.#gate ??= this.#newGate();\n    else this.#open();',
    wrong: 'this.#open();',
  },
  {
    what: 'a session ends before the mail that waited for its peer is written',
    file: 'src/session/claim.ts',
    code: 'this.#dueFrames = add(this.#parts.writer.progress.handedFrames, waitingMessages);',
    wrong: 'this.#dueFrames = this.#parts.writer.progress.handedFrames;',
  },
  {
    what: 'a session does not wait for mail that the previous holder returns',
    file: 'workers/names/name.ts',
    code: 'return back + (this.mailbox?.count ?? 0);',
    wrong: 'return this.mailbox?.count ?? 0;',
  },
  {
    what: 'a name between two parts of a list is left out',
    file: 'src/router/router.ts',
    code: 'this.namesDone = end;',
    wrong: 'this.namesDone = end + (end < to.count ? 1 : 0);',
  },
  {
    what: 'a name with mail stays in the list of idle names',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#idle.remove(name);\n    this.#mailboxes.add(name, message);',
    wrong: 'this.#mailboxes.add(name, message);',
  },
  {
    what: 'a restarted shard is told of the sessions of another shard',
    file: 'src/session/session-table.ts',
    code: '(session) => session.shard === shard',
    wrong: '(session) => session.shard === 0 && shard === 1',
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
  {
    what: 'a settled session stays in the table',
    file: 'src/session/session-table.ts',
    code: 'settled: (attachment) => this.#sessions.delete(attachment),',
    wrong: 'settled: () => undefined,',
  },
  {
    what: 'the line at which a reader stopped for a congested shard is left out',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#inHand) this.#do(this.#decoder.again());',
    wrong: '',
  },
  {
    what: 'waiting lines are read from the read buffer after other sockets have used it',
    file: 'src/session/reader/reader.ts',
    code: 'this.#decoder.keep();',
    wrong: '',
  },
  {
    what: 'the end of the stream overtakes lines that wait for a shard',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#waitingFor === undefined || this.#host.mustWait()) end();',
    wrong: 'if (this.#waitingFor === undefined || this.#waitingFor instanceof Outbox) end();',
  },
  {
    what: 'a last line without a line end is dropped',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#gate === undefined) this.#decoder.finish();',
    wrong: '',
  },
];
