/** Readers of batches that only count, so that what is measured is the reading. */
import type { DeliveredFrames } from '../../../../src/shared/wire/frames/delivered-frames.ts';
import type { ListRecord, MessageRecord } from '../../../../src/shared/wire/message.ts';
import type { ToMainHandler } from '../../../../src/shared/wire/read-to-main.ts';
import type { ToShardHandler } from '../../../../src/shared/wire/to-shard.ts';

/** Counts something in the posts that it reads. */
class Count {
  protected counted = 0;

  /** @returns what was counted while `read` read; it must find the post sound */
  during(read: () => boolean): number {
    this.counted = 0;
    if (!read()) throw new Error('a batch that makes no sense');
    return this.counted;
  }
}

/** Counts the names of lists, and the messages that have one name themselves. */
export class CountToShard extends Count implements ToShardHandler {
  list(list: ListRecord): void {
    while (list.next()) this.counted++;
  }

  message(message: MessageRecord): void {
    if (message.nameLength > 0) this.counted++;
  }

  attach(): void {}
  written(): void {}
  return(): void {}
  whoIs(): void {}
  rejected(): void {}
  flush(): void {}
  drain(): void {}
  begin(): void {}
}

const LF = 10;

/** Counts the frames of deliveries; each of those must end as a frame does. */
export class CountToMain extends Count implements ToMainHandler {
  delivered(_attachment: number, delivered: DeliveredFrames): void {
    const { bytes, count } = delivered.frames();
    if (bytes[bytes.length - 1] === LF) this.counted += count;
  }

  attached(): void {}
  settled(): void {}
  takenOver(): void {}
  event(): void {}
  limited(): void {}
  expired(): void {}
  whoIs(): void {}
  released(): boolean {
    return true;
  }
  acknowledged(): void {}
  flushed(): void {}
  storeFailed(): void {}
}
