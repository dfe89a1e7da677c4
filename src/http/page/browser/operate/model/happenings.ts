/** What has happened to shards between two samples, for who does not see the tiles change. */
import type { Sample, ShardRow } from '../api/answers.ts';

/** @returns sentences; the empty text if nothing has happened */
export function happeningsOf(before: Sample, after: Sample): string {
  return after.shards
    .map((now) => happeningOf(before.shards[now.shard], now))
    .filter(Boolean)
    .join(' ');
}

function happeningOf(before: ShardRow | undefined, now: ShardRow): string {
  if (before === undefined) return '';
  if (before.up && !now.up) return `Shard ${now.shard} is down.`;
  if (!before.up && now.up) return `Shard ${now.shard} is up again.`;
  if (now.restarts > before.restarts) return `Shard ${now.shard} has crashed, and was started again.`;
  return '';
}
