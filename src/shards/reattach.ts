/** Tells the next life of a crashed shard about its sessions. */
import { BatchBuilder, type OwnPost } from '../shared/wire/batch.ts';
import type { PriorDelivery } from '../shared/wire/port/shard-task.ts';
import type { AttachmentNumber, Progress, Standing } from '../shared/wire/records.ts';
import { putAttach, putReturn } from '../shared/wire/to-shard.ts';

/** What is needed of a session whose shard has crashed. */
export interface Reattachable {
  readonly number: AttachmentNumber;
  readonly name: Uint8Array | undefined;
  readonly standing: Standing;
  readonly attachment: {
    /** Its place in the order in which sessions first attached. */
    readonly place: number;
    /** Whether its attach was posted to any life of the shard, and its last return. */
    readonly introduced: boolean;
    readonly gone: boolean;
    /** The most frames that the writer may have in hand; undefined if only their bytes count. */
    readonly windowFrames?: number | undefined;
    /** Whether it takes its name over from who has it. */
    readonly proven?: boolean;
  };
  readonly writer: { readonly progress: Progress; readonly rejectedNumbers: readonly number[] };
}

/** What the next life of a shard is told. */
export interface Reattachment {
  /** What the last life handed to each writer. The next life needs this before it reads its store. */
  readonly handed: readonly PriorDelivery[];
  /** The records that attach the sessions again; undefined if there are none. */
  readonly first: OwnPost | undefined;
}

/**
 * The order in which sessions attach again. A holder keeps its name, and the others keep their order, because one that
 * takes the name over ends those that came before it.
 */
const ORDER: Record<Standing, number> = {
  receiving: 0,
  waiting: 1,
  asked: 1,
  'send-only': 1,
  refused: 3,
  authenticating: 3,
  unnamed: 3,
};

/**
 * What the next life of a shard is told about its `sessions`.
 * @param waiting the batch that was gathered while the shard was down; last returns that were lost are put after it
 */
export function reattachment(sessions: readonly Reattachable[], waiting: BatchBuilder): Reattachment {
  const batch = new BatchBuilder();
  const handed: PriorDelivery[] = [];
  const inOrder = [...sessions].sort(
    (a, b) => ORDER[a.standing] - ORDER[b.standing] || a.attachment.place - b.attachment.place,
  );
  for (const { number, name, standing, attachment, writer } of inOrder) {
    if (name === undefined) continue;
    const { introduced, gone, windowFrames, proven } = attachment;
    const { progress, rejectedNumbers } = writer;
    const { handedNumber, writtenNumber } = progress;
    // A writer that is gone has returned the rest of its mail, and that return was lost with the shard. The part of it
    // that the store has waits there again.
    const settledNumber = gone ? writtenNumber : handedNumber;
    handed.push({ name, handedNumber, settledNumber, writtenNumber, rejectedNumbers });
    // The life that got the last return is over. The next one must settle the attachment, after all that it returned.
    if (gone) putReturn(waiting, { ...progress, attachment: number, name, last: true, runs: [] });
    // An attach that was not posted, or a last return that was not, still waits in the outbox. It is posted after
    // these.
    else if (introduced && standing !== 'refused') {
      putAttach(batch, number, name, standing === 'send-only', progress, windowFrames, proven);
    }
  }
  return { handed, first: batch.takeOwn() };
}
