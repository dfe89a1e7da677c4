/** Deliberate bugs of rejections, receipts, questions and watches. */
import type { Bug } from './bug.ts';

export const ANSWER_BUGS: readonly Bug[] = [
  {
    what: 'an acknowledgement counts for a frame that was returned',
    file: 'src/session/writer/writer.ts',
    code: "if (this.#state === 'finished') return;\n    const waiting",
    wrong: "if (this.#state === 'finished') this.#progress.written(1, 0, number);\n    const waiting",
  },
  {
    what: 'a rejected message is returned with the others',
    file: 'src/session/writer/unacknowledged.ts',
    code: 'withoutRejected(this.#queue.takeRun(Number.POSITIVE_INFINITY));',
    wrong: 'this.#queue.takeRun(Number.POSITIVE_INFINITY);',
  },
  {
    what: 'a rejected message stays in the store',
    file: 'workers/mailbox/disk/removal.ts',
    code: 'number >= stored.recordsTo) return;\n    this.#edges.groups.del(messageKey(name.bytes, number));',
    wrong: 'number >= stored.recordsTo) return;',
  },
  {
    what: 'a rejection takes the messages before it along',
    file: 'src/session/program/program.ts',
    code: 'const frame = this.#parts.writer.rejected(number | 0);',
    wrong:
      'this.#parts.writer.acknowledged((number - 1) | 0);\n      const frame = this.#parts.writer.rejected(number | 0);',
  },
  {
    what: 'a sender is told that a rejected message is acknowledged',
    file: 'src/session/program/program.ts',
    code: "receipts.tell(frame, name, 'rejected');",
    wrong: "receipts.tell(frame, name, 'acked');",
  },
  {
    what: 'receipts are lost after a shard has crashed',
    file: 'src/session/program/program.ts',
    code: 'const { notices } = this.#parts;\n    const ids',
    wrong: 'this.#host.receipts.leave(this.decoder.name, this);\n    const { notices } = this.#parts;\n    const ids',
  },
  {
    what: 'the receipt of a message that was stored is lost',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'mailbox.front.push(frame, 0, frame.length, body, heldAt, number);',
    wrong: 'mailbox.front.push(frame, 0, frame.length, body & ~(2 ** 20), heldAt, number);',
  },
  {
    what: 'a receipt is read from bytes that were overwritten by their other form',
    file: 'src/session/writer/writer.ts',
    code: 'if (this.#unacknowledged === undefined) this.#noteWritten(own);',
    wrong: 'if (this.#unacknowledged === undefined) this.#noteWritten(slice);',
  },
  {
    what: 'a question that a shard had when it crashed has no answer',
    file: 'src/session/program/program.ts',
    code: ', ...this.#questions.lost(shard, this.#host.router)];',
    wrong: '];',
  },
  {
    what: 'a watcher is not told that a name is gone',
    file: 'src/session/presence.ts',
    code: 'this.#here.delete(key);\n    this.#tell(key, false);',
    wrong: 'this.#here.delete(key);',
  },
];
