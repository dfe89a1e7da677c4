/** What a new shard must know of the peers that its crashed one knew. */
import { BatchBuilder, type OwnPost } from '../shared/wire/batch.ts';
import type { Handed } from '../shared/wire/shard-task.ts';
import type { Standing } from '../shared/wire/to-main.ts';
import { type Account, type AttachmentNumber, putAttach, putReturn } from '../shared/wire/to-shard.ts';

/** What is asked of a session whose shard has crashed. */
export interface Reattachable {
  readonly number: AttachmentNumber;
  readonly name: Uint8Array | undefined;
  readonly standing: Standing;
  /** Its place in the order in which sessions were attached first. */
  readonly place: number;
  /** Whether its shard, in whatever life, has been told of it, and of its end. */
  readonly introduced: boolean;
  readonly gone: boolean;
  readonly writer: { readonly account: Account } | undefined;
}

/** What a shard is told when it begins again. */
export interface Reattachment {
  /** What it must know before it looks into its store. */
  readonly handed: readonly Handed[];
  /** The records that attach its peers again, or undefined if there is nothing to say. */
  readonly first: OwnPost | undefined;
}

/** The order in which peers attach again: who had a name keeps it, and who waits does so in the order they came. */
const ORDER: Record<Standing, number> = {
  receiving: 0,
  waiting: 1,
  asked: 1,
  'send-only': 2,
  refused: 3,
  authenticating: 3,
  unnamed: 3,
};

/**
 * What the next life of a shard is told of its `sessions`.
 * @param waiting what was put for the shard while it was not there; what is put behind it here is answered last
 */
export function reattachment(sessions: readonly Reattachable[], waiting: BatchBuilder): Reattachment {
  const batch = new BatchBuilder();
  const handed: Handed[] = [];
  const inOrder = [...sessions].sort((a, b) => ORDER[a.standing] - ORDER[b.standing] || a.place - b.place);
  for (const { number, name, standing, introduced, gone, writer } of inOrder) {
    if (name === undefined || writer === undefined) continue;
    const { account } = writer;
    const { handedNumber, writtenNumber } = account;
    // What one that is gone gave back went with the shard; what the store has of it waits there again.
    handed.push({ name, handedNumber, keptNumber: gone ? writtenNumber : handedNumber, writtenNumber });
    // The shard that was told of its end is gone: the next one is to say that it is settled, behind all it has given
    // back.
    if (gone) putReturn(waiting, { ...account, attachment: number, name, last: true, runs: [] });
    // What was put for one that is not introduced, or has left and is not gone, waits in the outbox and follows.
    else if (introduced && standing !== 'refused') putAttach(batch, number, name, standing === 'send-only', account);
  }
  return { handed, first: batch.takeOwn() };
}
