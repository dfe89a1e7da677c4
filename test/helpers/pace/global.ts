/** Runs before the first test. Measures how slow this machine is at computing, and at starting a broker. */
import { startBrokerProcess } from '../programs/process.ts';
import { measureSlowness, noteSlowness } from './pace.ts';

/** How long a start takes on the machine that the limits were chosen on, when idle. */
const START_TAKES_MS = 1_500;
/** A lower factor is not reported. */
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
