/** A shard that is down for long enough to be looked at. */
import type { TestBroker } from '../../../helpers/broker.ts';
import { until } from '../../../helpers/until.ts';

const MOST_CRASHES = 8;

/**
 * Makes shard 0 crash until `look` has seen it down: the pause before a restart doubles with each crash.
 * @throws Error if it was never seen down
 */
export async function whileDown({ broker }: TestBroker, look: () => Promise<boolean>): Promise<void> {
  for (let crashes = 1; crashes <= MOST_CRASHES; crashes++) {
    await until(() => broker.view.ready(), 'the shard to be there');
    await broker.control(0)?.throwAtNextBatch('shard');
    void broker.flushed();
    await until(() => broker.control(0) === undefined, 'the crash');
    if (await look()) return;
  }
  throw new Error('it was never seen down');
}
