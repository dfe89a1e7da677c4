/**
 * The generator's process: takes one job, does it, says what it found, and ends. It is new for each measurement, so
 * that none has code that was optimised for another.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, statusBytes } from '../../common/process.ts';
import { type Job, type Measured, type Outcome, RECEIVER_WINDOW } from '../job.ts';
import { AckCrowd } from './acks/ack-crowd.ts';
import { ackProtocolOf } from './acks/all.ts';
import { noneWrong } from './checker.ts';
import { Crowd } from './crowd.ts';
import { protocolOf } from './protocols/all.ts';
import { calm, storm } from './storm.ts';

const MIB = 1024 * 1024;

/** What is read twice, when the measured time begins and when it ends. */
interface Reading {
  readonly ms: number;
  readonly delivered: number;
  readonly serverSeconds: number;
  readonly ownSeconds: number;
  readonly activeMs: number;
}

function crowdOf({ peer, load }: Job): Crowd | AckCrowd {
  const { speech = 'plain' } = load;
  switch (speech) {
    case 'plain':
    case 'json':
    case 'web':
      return new Crowd(protocolOf(peer, load), load);
    case 'ack':
    case 'durable': {
      const shape = { ...load, unacknowledged: RECEIVER_WINDOW, durable: speech === 'durable' };
      return new AckCrowd(ackProtocolOf(peer, shape), load);
    }
    default:
      return speech satisfies never;
  }
}

async function measure(job: Job): Promise<Measured> {
  using crowd = crowdOf(job);
  await crowd.gather(job.port);
  crowd.start();
  await sleep(job.warmUpSeconds * 1000);
  crowd.latency.reset();
  const before = read(job, crowd.delivered);
  await sleep(job.seconds * 1000);
  const after = read(job, crowd.delivered);
  // What arrives from now on was not in the time that is measured.
  const latency = percentiles(crowd.latency);
  const peakMebibytes = statusBytes(job.serverPid, 'VmHWM') / MIB;
  const wrong = await crowd.stop();
  if (crowd.broken !== undefined) throw new Error(crowd.broken);
  if (after.delivered === before.delivered) throw new Error('nothing was delivered in the time that is measured');
  return { ...rates(before, after), ...latency, peakMebibytes, wrong };
}

/** Measures the last of some storms. */
async function measureStorm(job: Job, storms: number): Promise<Measured> {
  const { peer, port, load, serverPid } = job;
  const protocol = protocolOf(peer, load);
  const latency = createHistogram();
  for (let before = 1; before < storms; before++) {
    await calm(await storm(port, protocol, load.connections, latency), serverPid);
  }
  latency.reset();
  const before = read(job, 0);
  const connections = await storm(port, protocol, load.connections, latency);
  const after = read(job, connections.length);
  const peakMebibytes = statusBytes(serverPid, 'VmHWM') / MIB;
  for (const connection of connections) connection.close();
  return { ...rates(before, after), ...percentiles(latency), peakMebibytes, wrong: noneWrong() };
}

function read({ serverPid }: Job, delivered: number): Reading {
  const { user, system } = process.cpuUsage();
  return {
    ms: performance.now(),
    delivered,
    serverSeconds: cpuSeconds(serverPid),
    ownSeconds: (user + system) / 1_000_000,
    activeMs: performance.eventLoopUtilization().active,
  };
}

function rates(before: Reading, after: Reading) {
  const seconds = (after.ms - before.ms) / 1000;
  const deliveries = after.delivered - before.delivered;
  const serverSeconds = after.serverSeconds - before.serverSeconds;
  return {
    deliveriesPerSecond: deliveries / seconds,
    cpuMicrosecondsPerDelivery: (serverSeconds * 1_000_000) / deliveries,
    serverCores: serverSeconds / seconds,
    generatorCores: (after.ownSeconds - before.ownSeconds) / seconds,
    generatorBusy: (after.activeMs - before.activeMs) / (after.ms - before.ms),
  };
}

function percentiles(latency: RecordableHistogram) {
  const microseconds = (percentile: number) => latency.percentile(percentile) / 1000;
  return {
    p50Microseconds: microseconds(50),
    p99Microseconds: microseconds(99),
    p999Microseconds: microseconds(99.9),
  };
}

function tell(outcome: Outcome): void {
  process.send?.(outcome, () => process.disconnect());
}

process.on('disconnect', () => process.exit()); // also when the main process is gone
process.once('message', (job: Job) => {
  const { storms } = job.load;
  (storms === undefined ? measure(job) : measureStorm(job, storms)).then(
    (measured) => tell({ kind: 'measured', measured }),
    (error: unknown) => tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
