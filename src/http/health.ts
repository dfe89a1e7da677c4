/** Whether the broker lives, and whether it is ready for peers. */
import type { BrokerView, Health } from '../broker/broker-view.ts';
import { Deadline } from '../shared/common/deadline.ts';

/** A shard that does not answer for this long is not ready. */
const ANSWER_MS = 2_000;

/** What was looked at, each with `ok` or with what is wrong. */
interface Checks {
  readonly listener: string;
  readonly connections: string;
  readonly store: string;
  readonly shards: string;
}

/** Whether a broker is ready, and why not. */
export interface Readiness {
  /** Why it is not ready; empty if it is. */
  readonly reasons: readonly string[];
  readonly checks: Checks;
}

/**
 * Asks a broker whether it is ready. A store that cannot be written is told, and is no reason: what is held can be
 * fetched, and connected peers go on.
 * @param answerMs how long the shards may take to answer, in milliseconds
 */
export async function readiness(view: Pick<BrokerView, 'health' | 'stats'>, answerMs = ANSWER_MS): Promise<Readiness> {
  const deadline = new Deadline(answerMs);
  const answered = await deadline.race(view.stats());
  deadline.clear();
  const health = view.health();
  const checks = {
    listener: listenerCheck(health),
    connections: health.hasRoom ? 'ok' : 'as many as there may be: more are refused',
    store: STORE[health.store],
    shards: shardsCheck(health, answered !== undefined),
  };
  const isWrong = ([name, check]: readonly [string, string]) => {
    return check !== 'ok' && !(name === 'store' && health.store !== 'closed');
  };
  const reasons = Object.entries(checks)
    .filter(isWrong)
    .map(([name, check]) => `${name}: ${check}`);
  return { reasons, checks };
}

const STORE: Readonly<Record<Health['store'], string>> = {
  none: 'ok',
  open: 'ok',
  unwritable: 'open, but it cannot be written: no new mail is held',
  closed: 'it cannot be opened now',
};

function listenerCheck({ draining, listens }: Health): string {
  if (draining) return 'the broker is stopping';
  return listens ? 'ok' : 'no connection is accepted now';
}

function shardsCheck({ shardsUp }: Health, answered: boolean): string {
  const down = shardsUp.flatMap((up, shard) => (up ? [] : [shard]));
  if (down.length > 0) return `down: ${down.join(', ')}`;
  return answered ? 'ok' : 'not all of them answer';
}
