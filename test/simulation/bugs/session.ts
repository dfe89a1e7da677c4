/** Deliberate bugs of sessions. */
import type { Bug } from './bug.ts';

export const SESSION_BUGS: readonly Bug[] = [
  {
    what: 'a written frame is counted twice',
    file: 'src/session/writer/delivery-progress.ts',
    code: 'this.writtenFrames = add(this.writtenFrames, count);',
    wrong: 'this.writtenFrames = add(this.writtenFrames, count + (count > 1 ? 1 : 0));',
  },
  {
    what: 'frames that reach a writer after it has finished are dropped',
    file: 'src/session/writer/writer.ts',
    code: "if (this.#state === 'finished') this.#home.returned(false, this.progress, [ownFrames(delivered.frames())]);",
    wrong: "if (this.#state === 'finished') return;",
  },
  {
    what: 'the rest of a partly written slice is not returned',
    file: 'src/session/writer/writer.ts',
    code: 'if (left.count > 0) runs.push(ownFrames(left));',
    wrong: '',
  },
  {
    what: 'lines are routed under a name that another peer holds',
    file: 'src/session/naming/claim.ts',
    code: 'if (strict) this.#gate ??= this.#newGate();\n    else this.#open();',
    wrong: 'this.#open();',
  },
  {
    what: 'a session ends before the mail that waited for its peer is written',
    file: 'src/session/naming/claim.ts',
    code: 'this.#dueFrames = add(this.#parts.writer.progress.handedFrames, waitingMessages);',
    wrong: 'this.#dueFrames = this.#parts.writer.progress.handedFrames;',
  },
  {
    what: 'a restarted shard is told of the sessions of another shard',
    file: 'src/session/session-table.ts',
    code: '(session) => session.shard === shard',
    wrong: '(session) => session.shard === 0 && shard === 1',
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
    what: 'a session that has sent more than it may loses what it has read behind that',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#pace?.sent() === true) this.#waitsForPace();',
    wrong: 'if (this.#pace?.sent() === true && this.#waitsForPace()) this.#decoder.takeRest();',
  },
  {
    what: 'a last line without a line end is dropped',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#gate === undefined) this.#decoder.finish();',
    wrong: '',
  },
  {
    what: 'bytes are overwritten while they are being written',
    file: 'src/session/writer/writer.ts',
    code: 'this.#writeBuffers.keep(underWay.staged);',
    wrong: '',
  },
  {
    what: 'a write buffer is released before its write is over',
    file: 'src/session/writer/writer.ts',
    code: 'this.#writeBuffers.keep(underWay.staged);',
    wrong: 'this.#writeBuffers.keep(underWay.staged);\n    this.#writeBuffers.release(underWay.staged);',
  },
  {
    what: 'a write buffer is not released when its write is over',
    file: 'src/session/writer/writer.ts',
    code: 'this.#noteWritten(frames);\n    this.#writeBuffers.release(staged);',
    wrong: 'this.#noteWritten(frames);',
  },
  {
    what: 'the writer of a session whose reader has ended is not told that the connection is closed',
    file: 'src/session/reader/reader.ts',
    code: 'if (this.#host.noteClosed()) this.stop();',
    wrong: 'if (!this.#ended && this.#host.noteClosed()) this.stop();',
  },
  {
    what: 'the place of a piece is given back while lines of it wait',
    file: 'src/protocol/plain/line-reader.ts',
    code: 'const kept = Buffer.from(this.#place.buffer, this.#place.byteOffset, length);',
    wrong:
      'const kept = Buffer.from(this.#place.buffer, this.#place.byteOffset, length);\n    this.#places.give(this.#place);',
  },
  {
    what: 'a session that ends keeps the place of a piece',
    file: 'src/session/reader/reader.ts',
    code: 'this.#decoder.release();\n    if (error === undefined)',
    wrong: 'if (error === undefined)',
  },
];
