/** How the peers of a load come, and how what is under way comes to an end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { paced } from '../../helpers/pace/pace.ts';

const DRAIN_LIMIT_MS = paced(20_000);
const LOOK_MS = 20;

/** Opens the peers from 0 to before `count`, at most `atOnce` at a time. */
export async function gather(count: number, atOnce: number, open: (peer: number) => Promise<void>): Promise<void> {
  let next = 0;
  const some = async () => {
    for (let peer = next++; peer < count; peer = next++) await open(peer);
  };
  await Promise.all(Array.from({ length: atOnce }, some));
}

/** A load whose peers send no more. */
export interface Draining {
  anyUnderWay(): boolean;
  /** A number that changes whenever anything arrives. */
  moved(): number;
  /** Nothing that arrives for so long means that no more does. */
  readonly stalledMs: number;
}

/** Waits until nothing is under way, or until no more arrives. */
export async function drained({ anyUnderWay, moved, stalledMs }: Draining): Promise<void> {
  const limit = performance.now() + DRAIN_LIMIT_MS;
  let before = moved();
  let movedAt = performance.now();
  while (anyUnderWay() && performance.now() < limit && performance.now() - movedAt < stalledMs) {
    await sleep(LOOK_MS);
    const now = moved();
    if (now !== before) movedAt = performance.now();
    before = now;
  }
  await sleep(LOOK_MS); // what comes twice comes at the end
}
