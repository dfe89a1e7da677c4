/**
 * The metrics of each shard: its names, its mailboxes, and what became of messages. Counters begin at 0 when the shard
 * has crashed, and are not there while it is down.
 */
import { dropsOf, type Family, ofShards, ofShardsBy, times } from './family.ts';

export const SHARD_FAMILIES: readonly Family[] = [
  ofShards('gauge', 'restante_shard_up', 'Whether the shard answers.', ({ stats }) => (stats === undefined ? 0 : 1)),
  ofShards(
    'counter',
    'restante_shard_restarts_total',
    'Times that the shard has crashed and was started again.',
    (of) => {
      return of.restarts;
    },
  ),
  ofShards('counter', 'restante_shard_posted_bytes_total', 'Bytes that were posted to the shard.', (of) => {
    return of.postedBytes;
  }),
  ofShards(
    'gauge',
    'restante_shard_unacknowledged_bytes',
    'Bytes that were posted to the shard and that it has not worked off.',
    ({ unacknowledgedBytes }) => unacknowledgedBytes,
  ),
  ofShards('gauge', 'restante_shard_memory_bytes', 'The heap of the thread of the shard, with its buffers.', (of) => {
    return of.times?.threadBytes;
  }),
  ofShardsBy('gauge', 'restante_names', 'Names that are known, here or away.', 'state', ({ names, namesAway }) => ({
    here: names - namesAway,
    away: namesAway,
  })),
  ofShards(
    'gauge',
    'restante_mailbox_messages',
    'Messages that wait in mailboxes.',
    ({ stats }) => stats?.heldMessages,
  ),
  ofShards('gauge', 'restante_mailbox_bytes', 'Bytes that wait in mailboxes.', ({ stats }) => stats?.heldBytes),
  ofShards('gauge', 'restante_mailbox_memory_bytes', 'The part of these bytes that is in memory.', ({ stats }) => {
    return stats?.memoryBytes;
  }),
  ofShards(
    'gauge',
    'restante_mailbox_oldest_age_seconds',
    'Age of the oldest message that waits; 0 if none does.',
    (of) => {
      return of.times?.oldestSeconds;
    },
  ),
  ofShardsBy(
    'counter',
    'restante_messages_delivered_total',
    'Messages that were given to writers, by where they came from.',
    'path',
    ({ delivered, fed }) => ({ direct: delivered - fed, mailbox: fed }),
  ),
  ofShardsBy(
    'counter',
    'restante_messages_held_total',
    'Messages that came to mailboxes: of names that are away, or durable; and of peers that read slowly.',
    'why',
    ({ held, queued }) => ({ held, slow_reader: queued }),
  ),
  ofShardsBy(
    'counter',
    'restante_messages_dropped_total',
    'Messages that were refused or dropped, once for each name, by why.',
    'reason',
    dropsOf,
  ),
  ofShards('counter', 'restante_messages_returned_total', 'Messages that writers have given back.', ({ stats }) => {
    return stats?.returned;
  }),
  ofShards(
    'counter',
    'restante_messages_redelivered_total',
    'Of those, the ones that a program may have and has not acknowledged: they come again.',
    ({ stats }) => stats?.redelivered,
  ),
  ofShards('counter', 'restante_messages_duplicate_total', 'Messages that repeated an earlier one.', ({ stats }) => {
    return stats?.repeats;
  }),
  ofShards('counter', 'restante_batches_malformed_total', 'Batches with a broken record: a defect.', ({ stats }) => {
    return stats?.malformed;
  }),
  times('restante_store_sync_seconds', 'How long it takes until a group of mail is on disk.', 'shard', ({ shards }) =>
    shards.flatMap(({ times }, shard) =>
      times === undefined ? [] : [{ labels: { shard: String(shard) }, value: times.storeSync }],
    ),
  ),
];
