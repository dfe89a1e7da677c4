/**
 * The mail of the micro-benchmarks: small messages, as many of them as a batch that crosses the threads holds in a
 * burst.
 */
import type { BatchBuilder, OwnPost, Post } from '../../../../src/shared/wire/batch.ts';
import { type Line, prefixOf } from '../../../../src/shared/wire/message.ts';
import { LineRouter } from '../../../helpers/unit/lines.ts';
import { lineInArena, pool } from './arena.ts';

export const MESSAGES = 500;
export const SENDER = 1_000_000;
export const PREFIX = Buffer.from('from alice: ');
const BODY_BYTES = 100;
const BODY = 'x'.repeat(BODY_BYTES);

/** A delivered line, its LF included. */
export const FRAME_BYTES = PREFIX.length + BODY_BYTES + 1;

/** `count` names, all of the same length. */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `peer${String(i).padStart(4, '0')}`);
}

/** A line to these names, without its LF. */
export function lineTo(...to: readonly string[]): Buffer {
  return Buffer.from(`${to.join(', ')}: ${BODY}`);
}

/** A router to the only shard, which nothing is posted to: what was routed is taken. */
export class Lines {
  readonly #pool = pool();
  readonly #router = new LineRouter(1, { endOfTurn: () => undefined, poolTo: () => this.#pool });
  readonly #outbox = this.#router.router.outbox(0);

  /** Routes each of `lines` in turn, `count` lines in all. @returns the post that the shard would get */
  post(lines: readonly Line[], count: number): Post {
    const prefix = prefixOf(PREFIX);
    for (let put = 0; put < count; ) {
      for (const line of lines.slice(0, count - put)) {
        const result = this.#router.route(SENDER, prefix, line);
        if (result !== 'routed') throw new Error(`a line is not routed: ${String(result)}`);
        // No shard works off what lists ask for, so it must not hold back the lines behind them.
        this.#outbox.charge(-this.#router.router.costBytes);
        put++;
      }
    }
    const post = this.#outbox.batch.take();
    if (post === undefined) throw new Error('an empty batch');
    return post;
  }
}

/** What a batch gives away; there must be something in it. */
export function taken(batch: BatchBuilder): OwnPost {
  const post = batch.takeOwn();
  if (post === undefined) throw new Error('an empty batch');
  return post;
}

/** A post of `count` lines, to each list of names in turn. */
export function postOfLines(to: readonly (readonly string[])[], count: number): Post {
  const lines = to.map((list) => lineInArena(lineTo(...list)));
  return new Lines().post(lines, count);
}
