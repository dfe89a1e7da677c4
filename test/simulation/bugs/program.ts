/** Deliberate bugs in what sessions do for programs. */
import type { Bug } from './bug.ts';

export const PROGRAM_BUGS: readonly Bug[] = [
  {
    what: 'a message counts as written when the system has taken it, though its program acknowledges',
    file: 'src/session/writer/writer.ts',
    code: 'if (this.#unacknowledged === undefined) this.#noteWritten(own);',
    wrong: 'this.#noteWritten(own);',
  },
  {
    what: 'what a program has not acknowledged is not returned',
    file: 'src/session/writer/writer.ts',
    code: 'if (unacknowledged.count > 0) runs.push(unacknowledged);',
    wrong: '',
  },
  {
    what: 'what a program has not acknowledged comes back behind newer mail',
    file: 'src/session/writer/writer.ts',
    code: 'this.#home.returned(true, this.progress, runs);',
    wrong: 'this.#home.returned(true, this.progress, runs.reverse());',
  },
  {
    what: 'a program acknowledges the message behind the one it has got',
    file: 'src/session/writer/unacknowledged.ts',
    code: 'since(its, number) <= 0',
    wrong: 'since(its, number) <= 1',
  },
  {
    what: 'frames are copied after their bytes were overwritten by their other form',
    file: 'src/session/writer/writer.ts',
    code: 'this.#writeBuffers.isInTheWay(slice.bytes) ? ownFrames(slice) : slice;',
    wrong: 'false ? ownFrames(slice) : slice;',
  },
  {
    what: 'a message is called held before it is on disk',
    file: 'workers/shard/notices/sender-notices.ts',
    code: 'this.#holding.whenHeld(() => putEvent(this.#out, sender, outcome(kind, name.bytes, messageId)));',
    wrong: 'putEvent(this.#out, sender, outcome(kind, name.bytes, messageId));',
  },
  {
    what: 'a shard does not tell the outcome of a message that waits in memory',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'else if (message.messageId !== NO_MESSAGE_ID) this.#notices.taken(message, name);',
    wrong: '',
  },
  {
    what: 'a window has room for one message more than the program has asked for',
    file: 'workers/shard/delivery/writer-windows.ts',
    code: 'if (holder.outstandingFrames >= holder.windowFrames) return false;',
    wrong: 'if (holder.outstandingFrames > holder.windowFrames) return false;',
  },
  {
    what: 'a durable message for who is here is not stored',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'if (durable || (!fitsFront && name.holder === undefined)) {',
    wrong: 'if (!fitsFront && name.holder === undefined) {',
  },
  {
    what: 'the store has a durable message before older mail that waits in memory',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'this.#disk?.spill.storeBack(name, mailbox);\n      this.#disk?.spill.hold',
    wrong: 'this.#disk?.spill.hold',
  },
  {
    what: 'an id is remembered though its message was refused',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'this.#notices.refused(message, name, refused);',
    wrong: "this.#notices.refused(message, name, refused);\n      if (id !== undefined) this.#recent.add(id, 'held');",
  },
  {
    what: 'the id of a message that is held is not remembered over a crash',
    file: 'workers/shard/delivery/recent-sends.ts',
    code: "if (kind === 'held') this.#mailboxes.storeSend(Buffer.from(id, 'latin1'), sendValue(at));",
    wrong: '',
  },
  {
    what: 'a message that is sent again is taken again',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'if (id !== undefined && this.#isRepeat(id, name.bytes, message)) return;',
    wrong: '',
  },
];
