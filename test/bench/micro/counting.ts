/** Readers of batches that only count, so that what is measured is the reading. */
import type { Frames } from '../../../src/channel/frames.ts';
import type { ToMainHandler } from '../../../src/channel/to-main.ts';
import type { MessageRecord, ToShardHandler } from '../../../src/channel/to-shard.ts';

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

/** Counts the destinations of messages. */
export class CountToShard extends Count implements ToShardHandler {
  message(message: MessageRecord): void {
    while (message.nextDestination()) this.counted++;
  }

  attach(): void {}
  written(): void {}
  return(): void {}
  flush(): void {}
  drain(): void {}
  begin(): void {}
}

const LF = 10;

/** Counts the frames of deliveries; each of those must end as a frame does. */
export class CountToMain extends Count implements ToMainHandler {
  delivered(_attachment: number, frames: Frames): void {
    if (frames.bytes[frames.bytes.length - 1] === LF) this.counted += frames.count;
  }

  attached(): void {}
  settled(): void {}
  noticed(): void {}
  worked(): void {}
  flushed(): void {}
  storeFailed(): void {}
}
