/** The way of a line from its bytes to the batch for its shard. */
import { expect } from 'vitest';
import { postWeight } from '../../../src/shared/wire/batch.ts';
import type { Line } from '../../../src/shared/wire/message.ts';
import { valuesToShard } from '../../helpers/unit/records.ts';
import { lineInArena, release } from './parts/arena.ts';
import { Lines, lineTo, MESSAGES, names } from './parts/mail.ts';
import { measure } from './parts/measure.ts';

/** More lists than are remembered. */
const MANY = 20_000;

const lines = new Lines();
const one = [lineInArena(lineTo('bob'))];
const list = [lineInArena(lineTo(...names(8)))];
const lists = Array.from({ length: MANY }, (_, i) => lineInArena(lineTo(`x${i}`, ...names(7))));
let next = 0;

/** @returns how many messages the shard would get */
function route(to: readonly Line[]): number {
  const post = lines.post(to, MESSAGES);
  release(post);
  return postWeight(post) > 0 ? MESSAGES : 0;
}

const routed = lines.post(list, MESSAGES);
const { values } = valuesToShard(routed);
release(routed);
expect(values).toHaveLength(MESSAGES);
expect(values.at(-1)).toMatchObject({ kind: 'message', to: names(8) });

measure(`route ${MESSAGES} lines to one name`, MESSAGES, () => route(one));
measure(`route ${MESSAGES} lines to the same 8 names`, MESSAGES, () => route(list));
measure(`route ${MESSAGES} lines to 8 names, always others`, MESSAGES, () => {
  next = (next + MESSAGES) % MANY;
  return route(lists.slice(next, next + MESSAGES));
});
