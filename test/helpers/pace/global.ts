/** Before the first test: how slow this machine is at work of its own, and at starting a broker. */
import { startBrokerProcess } from '../process.ts';
import { measureSlowness, noteSlowness } from './pace.ts';

/** What it takes on the machine the limits were chosen on, when that does nothing else. */
const START_TAKES_MS = 1_500;
/** Less than this is no news. */
const WORTH_SAYING = 1.2;

export default async function setup(): Promise<void> {
  noteSlowness(measureSlowness());
  const before = performance.now();
  const { broker } = await startBrokerProcess();
  const slowness = noteSlowness((performance.now() - before) / START_TAKES_MS);
  await broker[Symbol.asyncDispose]();
  if (slowness < WORTH_SAYING) return;
  console.log(`This machine is slow, or busy: time limits are ${slowness.toFixed(1)} times as long.`);
}
