/**
 * A storm: many clients come at once, as after a restart. Each counts as served when it is made welcome. All of them
 * leave before the next storm.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { paced } from '../../../helpers/pace/pace.ts';
import { cpuSeconds } from '../../common/process.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Protocol } from './protocols/protocol.ts';

/** A server that has used no processor time for so long has seen all clients leave. */
const QUIET_MS = 300;
const QUIET_LIMIT_MS = paced(20_000);
const NS_PER_MS = 1_000_000;

/**
 * Lets `clients` clients come at once. Resolves when all have been made welcome.
 * @param latency gets the time from before the connect to the welcome, in nanoseconds, for each client
 * @returns the connections, which the caller must close
 * @throws if a client was not made welcome
 */
export async function storm(
  port: number,
  protocol: Protocol,
  clients: number,
  latency: RecordableHistogram,
): Promise<Connection[]> {
  const one = { ...protocol, sendsApart: false };
  let failure: string | undefined;
  const come = async (client: number): Promise<Connection> => {
    const since = performance.now();
    const nothing = () => undefined;
    const connection = await openConnection(port, one, client, nothing, (reason) => {
      failure ??= `client ${client}: ${reason}`;
    });
    latency.record(Math.max(1, Math.round((performance.now() - since) * NS_PER_MS)));
    return connection;
  };
  const connections = await Promise.all(Array.from({ length: clients }, (_, client) => come(client)));
  if (failure !== undefined) throw new Error(failure);
  return connections;
}

/**
 * Closes the connections of a storm. Resolves when the server has seen that.
 * @throws if the server does not become quiet in time
 */
export async function calm(connections: readonly Connection[], serverPid: number): Promise<void> {
  for (const connection of connections) connection.close();
  const limit = performance.now() + QUIET_LIMIT_MS;
  let used = -1;
  for (let now = cpuSeconds(serverPid); now !== used && performance.now() < limit; now = cpuSeconds(serverPid)) {
    used = now;
    await sleep(QUIET_MS);
  }
  if (cpuSeconds(serverPid) !== used) throw new Error('the server is still busy with clients that have left');
}
