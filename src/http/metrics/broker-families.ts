/** The metrics of the broker as a whole: its connections, what they carry, and the process. */
import { type Family, keyed, single, times } from './family.ts';

export const BROKER_FAMILIES: readonly Family[] = [
  {
    kind: 'gauge',
    name: 'restante_connections',
    help: 'Open connections, by what the peer speaks, and over what.',
    labels: ['kind', 'transport'],
    read: ({ open }) =>
      open.kinds.map(({ speaks, transport, open: value }) => ({ labels: { kind: speaks, transport }, value })),
  },
  single('gauge', 'restante_connections_max', 'Open connections that there may be (MAX_CONNECTIONS).', (figures) => {
    return figures.maxConnections;
  }),
  keyed(
    'counter',
    'restante_connections_accepted_total',
    'Connections that were accepted, by over what they came.',
    'transport',
    ({ counts }) => Object.entries(counts.accepted),
  ),
  keyed('counter', 'restante_connections_closed_total', 'Connections that have ended, by why.', 'reason', (figures) => {
    return figures.counts.ended;
  }),
  keyed('counter', 'restante_connections_refused_total', 'Connections that were refused, by why.', 'reason', (all) => {
    return all.counts.refused;
  }),
  keyed(
    'counter',
    'restante_sessions_slowed_total',
    'Sessions that were told that they are slowed, by the rate that they exceed.',
    'rate',
    ({ slowed }) => slowed,
  ),
  single('counter', 'restante_received_bytes_total', 'Bytes that were read from peers.', ({ traffic }) => {
    return traffic.readBytes;
  }),
  single('counter', 'restante_sent_bytes_total', 'Bytes that the system has taken for peers.', ({ traffic }) => {
    return traffic.writtenBytes;
  }),
  single(
    'counter',
    'restante_messages_received_total',
    'Messages of peers that were sent on to all their names.',
    ({ received }) => received,
  ),
  keyed(
    'counter',
    'restante_messages_written_total',
    'Messages that the system has taken for peers that acknowledge none, by what the peer speaks.',
    'kind',
    ({ traffic: { writtenMessages: written } }) => [
      ['plain', written.plain],
      ['program', written.program],
    ],
  ),
  single(
    'counter',
    'restante_messages_acknowledged_total',
    'Messages that programs have acknowledged.',
    ({ traffic }) => traffic.writtenMessages.acknowledging,
  ),
  single(
    'gauge',
    'restante_messages_unacknowledged',
    'Messages that were given out to programs and are not acknowledged.',
    ({ open }) => open.unacknowledged,
  ),
  single(
    'gauge',
    'restante_messages_in_hand',
    'Messages that were given to the writers of connections and are not done with.',
    ({ open }) => open.inHand,
  ),
  keyed(
    'counter',
    'restante_logins_total',
    'Logins where AUTH is on, by what the peer proved its name with, or why it was not let in.',
    'result',
    ({ auth }) => auth.logins,
  ),
  single(
    'counter',
    'restante_forbidden_total',
    'Messages that were refused for a name, because their sender may not write to it.',
    ({ auth }) => auth.forbidden,
  ),
  keyed(
    'counter',
    'restante_limits_reported_total',
    'Times that a limit was reported as reached; each shard reports one once a minute at most.',
    'limit',
    ({ counts }) => counts.limits,
  ),
  keyed(
    'counter',
    'restante_store_failures_total',
    'Times that the store could not be read or written, by how.',
    'failure',
    ({ counts }) => Array.from(counts.storeFailures, ([failure, count]) => [failure.replaceAll(' ', '_'), count]),
  ),
  times(
    'restante_event_loop_delay_seconds',
    'How late the event loop of a thread is, measured once a second.',
    'thread',
    ({ mainLoopDelay, shards }) => [
      { labels: { thread: 'main' }, value: mainLoopDelay },
      ...shards.flatMap(({ times }, shard) =>
        times === undefined ? [] : [{ labels: { thread: `shard-${shard}` }, value: times.loopDelay }],
      ),
    ],
  ),
  times(
    'restante_delivery_seconds',
    'How long what is sent takes through its shard to the writer, sampled once a scrape, over all shards.',
    undefined,
    ({ roundTrip }) => [{ labels: {}, value: roundTrip }],
  ),
  single('gauge', 'restante_memory_resident_bytes', 'Resident memory of the process.', (all) => all.memoryBytes),
  single('gauge', 'restante_memory_bound_bytes', 'The bound of memory that follows from the settings.', (all) => {
    return all.memoryBoundBytes;
  }),
  single('counter', 'restante_cpu_seconds_total', 'Processor time of the process.', ({ cpuSeconds }) => cpuSeconds),
  single('counter', 'restante_log_lines_dropped_total', 'Lines of the log that were dropped.', (all) => {
    return all.logLinesDropped;
  }),
  single(
    'gauge',
    'restante_config_last_reload_successful',
    'Whether the last reload of the settings was taken.',
    (all) => {
      return all.reloads.successful ? 1 : 0;
    },
  ),
  single(
    'gauge',
    'restante_config_last_reload_success_timestamp_seconds',
    'When settings were taken last, at the start or at a reload, in seconds since 1970.',
    ({ reloads }) => reloads.succeededAt,
  ),
];
