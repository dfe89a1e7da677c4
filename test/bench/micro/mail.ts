/**
 * The mail of the micro-benchmarks: small messages, as many of them as a batch that crosses the threads holds in a
 * burst.
 */
import type { BatchBuilder, OwnPost } from '../../../src/shared/wire/batch.ts';
import { prefixOf } from '../../../src/shared/wire/message.ts';
import { LineRouter, lineOf } from '../../helpers/unit/lines.ts';

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
  readonly #router = new LineRouter(1, { endOfTurn: () => undefined });
  readonly #outbox = this.#router.router.outbox(0);

  /** Routes each of `lines` in turn, `count` lines in all. @returns the post that the shard would get */
  post(lines: readonly Buffer[], count: number): OwnPost {
    const prefix = prefixOf(PREFIX);
    const each = lines.map((line) => lineOf(line));
    for (let put = 0; put < count; ) {
      for (const line of each.slice(0, count - put)) {
        const result = this.#router.route(SENDER, prefix, line);
        if (result !== 'routed') throw new Error(`a line is not routed: ${String(result)}`);
        // No shard works off what lists ask for, so it must not hold back the lines behind them.
        this.#outbox.charge(-this.#router.router.costBytes);
        put++;
      }
    }
    return taken(this.#outbox.batch);
  }
}

/** What a batch gives away; there must be something in it. */
export function taken(batch: BatchBuilder): OwnPost {
  const post = batch.takeOwn();
  if (post === undefined) throw new Error('an empty batch');
  return post;
}

/** A post of `count` lines, to each list of names in turn. */
export function postOfLines(to: readonly (readonly string[])[], count: number): OwnPost {
  const lines = to.map((list) => lineTo(...list));
  return new Lines().post(lines, count);
}
