/** The broker that holds mail: its settings, its folder, its memory when it has settled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchBroker } from '../common/broker.ts';
import type { BenchOptions } from './options.ts';

const UNLIMITED: Readonly<Record<string, string>> = {
  MAILBOX_MAX_MESSAGES: 'unlimited',
  MAILBOX_MAX_BYTES: 'unlimited',
  HELD_MAX_BYTES: 'unlimited',
  DRAIN_SECONDS: '30',
};

/** A folder for a store, which is removed with all it holds when it is disposed of. */
export function storeFolder({ dataDir }: BenchOptions): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(dataDir, 'restante-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a broker without limits on what is held; resolves when it listens. */
export function startHolding(
  options: BenchOptions,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchBroker> {
  return BenchBroker.start(options, folder, { ...UNLIMITED, ...env });
}

/**
 * Waits until the broker's memory has settled: no new low, by more than 1 %, for `quietMs`. V8 collects an idle heap by
 * itself after some 8 s, so less than 10 s would say little. Nothing is forced.
 * @returns the lowest that was seen
 */
export async function settledBytes(broker: BenchBroker, quietMs: number): Promise<number> {
  const limit = performance.now() + 4 * quietMs;
  let low = broker.residentBytes;
  let quietSince = performance.now();
  while (performance.now() - quietSince < quietMs && performance.now() < limit) {
    await sleep(250);
    const now = broker.residentBytes;
    if (now < low * 0.99) quietSince = performance.now();
    low = Math.min(low, now);
  }
  return low;
}
