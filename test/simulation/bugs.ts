/** Bugs put in on purpose, one at a time, to show that the simulation can fail. Each replaces one piece of one file. */
export interface Bug {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly wrong: string;
}

export const BUGS: readonly Bug[] = [
  {
    what: 'a return is put at the back of the mailbox',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'mailboxOf(name).front.unshift(runs, this.#edges.now());',
    wrong: 'for (const run of runs) mailboxOf(name).front.pushRun(run);',
  },
  {
    what: 'a frame that was written is counted twice',
    file: 'src/session/writer.ts',
    code: 'this.#writtenFrames = add(this.#writtenFrames, frames.count);',
    wrong: 'this.#writtenFrames = add(this.#writtenFrames, frames.count + (frames.count > 1 ? 1 : 0));',
  },
  {
    what: 'a stale attachment takes the name from a new one',
    file: 'workers/shard/holders/name-holders.ts',
    code: 'attachment.ended = true;\n    if (name.holder === attachment) {',
    wrong: 'attachment.ended = true;\n    if (name.holder !== undefined) {',
  },
  {
    what: 'a name is fed before the account of its last holder is right',
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
    what: 'what is written stays in the store',
    file: 'workers/mailbox/disk/removal.ts',
    code: 'this.deleteBefore(name, mailbox, Math.min(last + 1, mailbox.firstWaiting(name.nextNumber)));',
    wrong: '',
  },
  {
    what: 'what is handed out is deleted before it is written',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#mailboxes.handedOut(extent.count, extent.bytes);',
    wrong:
      'this.#mailboxes.handedOut(extent.count, extent.bytes);\n    this.#mailboxes.written(holder.name, holder.name.nextNumber - 1);',
  },
  {
    what: 'a group whose write failed is forgotten',
    file: 'workers/mailbox/disk/group-commit.ts',
    code: 'if (this.#underWay !== undefined) this.#write(this.#underWay);',
    wrong: 'this.#underWay = undefined;',
  },
  {
    what: 'new mail overtakes what lies in the store',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'if (name.holder === undefined || mailbox.stored.count > 0 || mailbox.back.count > 0) return false;',
    wrong: 'if (name.holder === undefined) return false;',
  },
  {
    what: 'a new shard hands out what a writer still has',
    file: 'src/shards/reattach.ts',
    code: 'settledNumber: gone ? writtenNumber : handedNumber,',
    wrong: 'settledNumber: writtenNumber,',
  },
  {
    what: 'what came in flight to a writer that had finished is thrown away',
    file: 'src/session/writer.ts',
    code: "if (this.#state === 'finished') this.#home.returned(false, this.progress, [ownFrames(frames)]);",
    wrong: "if (this.#state === 'finished') return;",
  },
  {
    what: 'the rest of a write that was taken in part is not given back',
    file: 'src/session/writer.ts',
    code: 'if (left.count > 0) runs.push(ownFrames(left));',
    wrong: '',
  },
  {
    what: 'the budget is not given back',
    file: 'workers/mailbox/limits/limits.ts',
    code: 'this.#budget.give(bytes);',
    wrong: '',
  },
  {
    what: 'a buffer goes back before its frames are handed out',
    file: 'workers/shard/shard.ts',
    code: 'if (isLoan(post)) this.#spent.push(post);',
    wrong: 'if (isLoan(post)) post.from.giveBack(post.number);',
  },
  {
    what: 'a buffer is filled while it is lent',
    file: 'src/shared/wire/batch.ts',
    code: 'lent.lend(number);',
    wrong: 'if (used > 40) lent.lend(number);',
  },
  {
    what: 'a read that was given up goes on, and the next is begun beside it',
    file: 'workers/mailbox/disk/spill.ts',
    code: 'this.#leaving.add(name);',
    wrong: 'name.mailbox.stored.endRead();\n    this.#leaving.add(name);',
  },
  {
    what: 'a name whose stored mail has a gap gets nothing any more',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'const missing = mailbox.stored.trim();',
    wrong: 'const missing = 0;',
  },
  {
    what: 'a store that could not be read is not asked again',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'if (error !== undefined) this.#edges.unreadable(error);',
    wrong: 'if (error !== undefined) stored.beginRead();',
  },
  {
    what: 'a clock that has jumped between two lives is followed',
    file: 'src/store/clock.ts',
    code: 'if (Math.abs(wall - aged) <= holdSeconds)',
    wrong: 'if (wall - aged > -holdSeconds)',
  },
  {
    what: 'who waits for a name does not get it when its holder has left',
    file: 'workers/shard/holders/name-holders.ts',
    code: 'if (next !== undefined) this.#enter(next, name);',
    wrong: '',
  },
  {
    what: 'who has come last gets the name',
    file: 'workers/names/name-queue.ts',
    code: 'this.#queues.get(name)?.[0];',
    wrong: 'this.#queues.get(name)?.at(-1);',
  },
  {
    what: 'who waits for a name loses its place when the shard crashes',
    file: 'src/shards/reattach.ts',
    code: 'a.place - b.place',
    wrong: 'b.place - a.place',
  },
  {
    what: 'lines are routed under a name that is somebody else’s',
    file: 'src/session/claim.ts',
    code: 'if (strict) this.#gate ??= this.#newGate();\n    else this.#open();',
    wrong: 'this.#open();',
  },
  {
    what: 'a session whose peer has ended its side leaves without its mail',
    file: 'src/session/claim.ts',
    code: 'this.#dueFrames = add(this.#host.writer.progress.handedFrames, waitingMessages);',
    wrong: 'this.#dueFrames = this.#host.writer.progress.handedFrames;',
  },
  {
    what: 'mail that comes back from the holder before is not waited for',
    file: 'workers/names/name.ts',
    code: 'return back + (this.mailbox?.count ?? 0);',
    wrong: 'return this.mailbox?.count ?? 0;',
  },
  {
    what: 'a part of a list is left out',
    file: 'src/router/router.ts',
    code: 'this.namesDone = end;',
    wrong: 'this.namesDone = end + (end < to.count ? 1 : 0);',
  },
  {
    what: 'a name that has got mail is forgotten as one with nothing waiting',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#idle.remove(name);\n    this.#mailboxes.add(name, message);',
    wrong: 'this.#mailboxes.add(name, message);',
  },
  {
    what: 'a shard that begins again hears of the sessions of another',
    file: 'src/session/session-table.ts',
    code: '(session) => session.shard === shard',
    wrong: '(session) => session.shard === 0 && shard === 1',
  },
  {
    what: 'a flush counts as answered while a shard has not answered it',
    file: 'src/shards/flushes.ts',
    code: 'if (flush.missing.size > 0) return;',
    wrong: 'if (flush.missing.size > 1) return;',
  },
  {
    what: 'a shard that is started again is not asked what it has not answered',
    file: 'src/shards/flushes.ts',
    code: 'if (missing.has(shard)) putFlush(outbox.batch, id);',
    wrong: 'if (!missing.has(shard)) putFlush(outbox.batch, id);',
  },
  {
    what: 'the outbox of a shard that has died goes on posting to it',
    file: 'src/shards/shard-link.ts',
    code: 'this.#receiveRest(thread);\n      this.#disconnect();',
    wrong: 'this.#receiveRest(thread);',
  },
  {
    what: 'a shard that dies over a question is waited for',
    file: 'src/shards/shard-link.ts',
    code: 'for (const over of this.#due) over();',
    wrong: '',
  },
  {
    what: 'a shard that is started again is told what the life before was told',
    file: 'src/shards/supervisor.ts',
    code: 'known = supervised.known();',
    wrong: '',
  },
  {
    what: 'a shard that is started again is not told of the end of a session that the one before was told of',
    file: 'src/shards/reattach.ts',
    code: 'if (gone) putReturn(',
    wrong: 'if (gone && !introduced) putReturn(',
  },
  {
    what: 'a session that its shard has settled is not forgotten',
    file: 'src/session/session-table.ts',
    code: 'settled: (attachment) => this.#sessions.delete(attachment),',
    wrong: 'settled: () => undefined,',
  },
  {
    what: 'the line that a reader had in hand when its shard could not follow is left out',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#inHand) this.#do(this.#decoder.again());',
    wrong: '',
  },
  {
    what: 'lines that wait are read from a buffer that others read into',
    file: 'src/session/reader/reader.ts',
    code: 'this.#decoder.keep();',
    wrong: '',
  },
  {
    what: 'the end of the stream overtakes lines that wait for their shard',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#waitingFor === undefined || this.#host.mustWait()) end();',
    wrong: 'if (this.#waitingFor === undefined || this.#waitingFor instanceof Outbox) end();',
  },
  {
    what: 'what stands before the end of the stream without a line end is no line',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#gate === undefined) this.#decoder.finish();',
    wrong: '',
  },
];
