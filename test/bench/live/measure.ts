/** One measurement: a server and a generator, each in a process of its own, from start to end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { paced } from '../../helpers/pace/pace.ts';
import type { BrokerOptions } from '../common/broker.ts';
import { endWithUs, stopChild } from '../common/children.ts';
import type { PeerName } from './generator/protocols/all.ts';
import type { Job, Load, Measured, Outcome } from './job.ts';
import { startServer } from './servers.ts';

const GENERATOR = new URL('generator/generator.ts', import.meta.url);
const TSX = import.meta.resolve('tsx');
/**
 * What coming, the end of what is under way, and the start of the process may take beside the time that is measured.
 */
const AROUND_LIMIT_MS = paced(90_000);

export interface Times {
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** @throws if the server or the generator fails, or takes too long */
export async function measure(peer: PeerName, load: Load, times: Times, broker: BrokerOptions): Promise<Measured> {
  // Both start at the same time; the generator does nothing before it has its job.
  await using generator = forkGenerator();
  await using server = await startServer(peer, load, broker);
  const { port, pid } = server;
  const outcome = await generate(generator.child, { peer, port, serverPid: pid, load, ...times });
  if (outcome.kind === 'failed') throw new Error(outcome.reason);
  return outcome.measured;
}

function forkGenerator(): AsyncDisposable & { readonly child: ChildProcess } {
  const child = fork(GENERATOR, { execArgv: ['--import', TSX] });
  endWithUs(child);
  return { child, [Symbol.asyncDispose]: () => stopChild(child) };
}

async function generate(child: ChildProcess, job: Job): Promise<Outcome> {
  const limit = AbortSignal.timeout((job.warmUpSeconds + job.seconds) * 1000 + AROUND_LIMIT_MS);
  try {
    const said = once(child, 'message', { signal: limit });
    const ended = once(child, 'exit', { signal: limit });
    child.send(job);
    const [outcome] = (await Promise.race([said, ended.then(failed)])) as [Outcome];
    return outcome;
  } catch (error) {
    return { kind: 'failed', reason: limit.aborted ? 'it took too long' : String(error) };
  }
}

function failed([code, signal]: unknown[]): [Outcome] {
  return [{ kind: 'failed', reason: `the generator ended: ${code ?? signal}` }];
}
