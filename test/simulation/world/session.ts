/** A session of the simulated broker: the real claim and writer, without a socket. */
import type { Notice } from '../../../src/protocol/notices.ts';
import type { Router } from '../../../src/router/router.ts';
import { Claim } from '../../../src/session/claim.ts';
import type { TabledSession } from '../../../src/session/session-table.ts';
import { ShutdownScope } from '../../../src/session/shutdown-scope.ts';
import { Writer } from '../../../src/session/writer.ts';
import type { Reattachable } from '../../../src/shards/reattach.ts';
import type { WriteSlabs } from '../../../src/shared/memory/write-buffers.ts';
import type { Frames } from '../../../src/shared/wire/frames.ts';
import type { AttachedAs, NewsKind, Standing } from '../../../src/shared/wire/to-main.ts';
import { SimSocket } from './socket.ts';

/** What a writer here may have written and not reported. */
export const UNREPORTED_BYTES = 20;

/** A notice of what became of mail for a name, as it is said first. */
interface News {
  readonly kind: NewsKind;
  readonly name: Uint8Array;
}

/** What a session needs of the world around it. */
export interface SimHost {
  readonly router: Router;
  readonly slabs: WriteSlabs;
  readonly strict: boolean;
  /**
   * Routes a line that the session has read, from a name on. @returns the next name, if it has to go on in another turn
   */
  readonly route: (session: SimSession, line: string, namesDone: number) => number | undefined;
  /** Calls `step` in the next turn. */
  readonly nextTurn: (step: () => void) => void;
  /** Calls `step` after a while. @returns what cancels that */
  readonly later: (step: () => void) => () => void;
  /** A shard has news of a destination for the session. */
  readonly notice: (session: SimSession, news: News) => void;
  /** The session ends because its peer has ended its side, when the turn of the event loop is over. */
  readonly leaves: (session: SimSession) => void;
}

/** A session without a reader: what it is told to send is as good as read. */
export class SimSession implements Reattachable, TabledSession {
  readonly number: number;
  readonly name: Uint8Array;
  readonly shard: number;
  readonly peer = 'nowhere';
  readonly socket = new SimSocket();
  readonly writer: Writer;
  readonly scope = new ShutdownScope();
  readonly claim: Claim;
  readonly place: number;
  readonly #router: Router;
  readonly #host: SimHost;
  /** The peer has ended its side: nothing more is read. */
  streamEnded = false;
  /** The reader has ended. */
  ended = false;
  /** Lines that were read and are not routed, and how many names of the first are done. */
  readonly #lines: string[] = [];
  #namesDone = 0;
  left = false;
  /** Everything its writer was handed. */
  handed = '';
  /** What was given back, and what the outbox had posted then. */
  readonly returned: { readonly posts: number; readonly text: string }[] = [];
  #postsWhenAsked: number;
  #postsWhenLeft = 0;

  constructor(number: number, name: string, host: SimHost) {
    const { router, slabs } = host;
    this.number = number;
    this.name = Buffer.from(name);
    this.#host = host;
    this.#router = router;
    this.shard = router.shardOf(this.name);
    this.#postsWhenAsked = router.outbox(this.shard).posts;
    const home = {
      written: (frames: number, bytes: number, last: number) => {
        router.written(this.shard, number, frames, bytes, last);
        this.claim.written();
      },
      returned: (last: boolean, account: Writer['account'], runs: Frames[]) => {
        const text = runs.map((run) => Buffer.from(run.bytes).toString('latin1')).join('');
        this.returned.push({ posts: router.outbox(this.shard).posts, text });
        if (last) this.#postsWhenLeft = router.outbox(this.shard).posts;
        router.returned(this.shard, number, this.name, last, account, runs);
        if (last) this.left = true;
      },
    };
    const options = { reportAfterBytes: UNREPORTED_BYTES, backlog: () => this.socket.backlog, slabs };
    this.writer = new Writer(this.socket, this.scope.signal, home, options);
    this.claim = this.#newClaim();
    this.claim.ask(this.name, host.strict);
    this.place = router.attach(this.shard, number, this.name, this.writer.account);
  }

  get standing(): Standing {
    return this.claim.standing;
  }

  get introduced(): boolean {
    return this.#router.outbox(this.shard).posts > this.#postsWhenAsked;
  }

  get gone(): boolean {
    return this.left && this.#router.outbox(this.shard).posts > this.#postsWhenLeft;
  }

  attached(as: AttachedAs, waitingMessages: number): void {
    this.claim.attached(as, waitingMessages);
  }

  notice(notice: Notice): void {
    if ('more' in notice && notice.more === 0 && 'name' in notice) this.#host.notice(this, notice);
  }

  answered(): void {}

  /** Its writer is about to be handed `frames`. @returns their text */
  noteHanded(frames: Frames): string {
    const text = Buffer.from(frames.bytes).toString('latin1');
    this.handed += text;
    return text;
  }

  /** It reads a line, which waits at the gate while the name is not its own. */
  read(line: string): void {
    const { gate } = this.claim;
    if (gate !== undefined) gate.read(Buffer.from(`${line}\n`), line.length + 1);
    else if (this.#lines.push(line) === 1) this.#work();
  }

  /** Routes what was read, a part of a line a turn. */
  #work(): void {
    for (let [line] = this.#lines; line !== undefined && !this.ended; [line] = this.#lines) {
      const next = this.#host.route(this, line, this.#namesDone);
      this.#namesDone = next ?? 0;
      if (next !== undefined) {
        this.#host.nextTurn(() => this.#work());
        return;
      }
      this.#lines.shift();
    }
    if (this.streamEnded && !this.ended) this.#leave();
  }

  /** The peer ends its side, and reads on. */
  endStream(): void {
    if (this.streamEnded) return;
    this.streamEnded = true;
    if (this.claim.mustWait) this.end();
    else if (this.claim.gate === undefined && this.#lines.length === 0) this.#leave();
  }

  /** The reader ends. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.claim.end();
    this.scope[Symbol.dispose]();
  }

  #leave(): void {
    this.claim.leave(() => this.#host.leaves(this));
  }

  #newClaim(): Claim {
    return new Claim({
      writer: this.writer,
      pause: () => undefined,
      quit: () => undefined,
      say: () => undefined,
      later: this.#host.later,
      granted: (read) => {
        this.#lines.push(...read.toString().split('\n').slice(0, -1));
        this.#work();
      },
      taken: () => {
        if (this.streamEnded) this.end();
        return this.streamEnded;
      },
      refused: () => {
        throw new Error('so few cannot crowd a name');
      },
    });
  }

  /** The socket fails, and closes: the writer first, then the reader, or the other way round. */
  fail(readerFirst: boolean): void {
    if (readerFirst) this.end();
    this.socket.fail();
    this.writer.closed();
    this.end();
  }

  abandon(): void {
    this.writer.noteProgress();
    this.socket.destroy();
    this.writer.closed();
    this.end();
  }
}
