/** The values of records: what tests put, and what they read back (records.ts). */
import type { News, Outcome } from '../../../../src/shared/wire/events.ts';
import type {
  AttachedAs,
  DroppedState,
  Limit,
  Progress,
  StoreFailure,
  WhoIs,
} from '../../../../src/shared/wire/records.ts';
import type { Return } from '../../../../src/shared/wire/to-shard.ts';

export interface MessageValue {
  readonly kind: 'message';
  readonly sender: number;
  readonly prefix: string;
  readonly body: string;
  readonly to: readonly string[];
  /** Of a message of a program: the kind of its frame, and the number by which its outcome is told. */
  readonly frameKind?: number;
  readonly messageId?: number;
}

interface AttachValue {
  readonly kind: 'attach';
  readonly number: number;
  readonly name: string;
  readonly sendOnly: boolean;
  readonly progress: Progress;
  readonly windowFrames?: number;
  readonly proven?: boolean;
}

type Asked = { readonly kind: 'who is'; readonly asker: number; readonly name: string; readonly question: number };

export type ToShardValue =
  | MessageValue
  | AttachValue
  | {
      readonly kind: 'written';
      readonly number: number;
      readonly frames: number;
      readonly bytes: number;
      readonly last: number;
    }
  | (Omit<Return, 'name' | 'runs'> & {
      readonly kind: 'return';
      readonly name: string;
      readonly runs: string[][];
      /** The number of the first frame. The others follow without a gap. */
      readonly firstNumber?: number;
    })
  | Asked
  | { readonly kind: 'rejected'; readonly number: number; readonly frame: number }
  | { readonly kind: 'flush'; readonly flushId: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'begin' };

type WithText<E> = Omit<E, 'name'> & { readonly name: string };
export type EventValue = WithText<News> | WithText<Outcome>;

export type ToMainValue =
  | {
      readonly kind: 'attached';
      readonly number: number;
      readonly as: AttachedAs;
      readonly waiting: number;
      last?: number;
    }
  | { readonly kind: 'delivered'; readonly number: number; readonly lines: readonly string[] }
  | { readonly kind: 'released'; readonly buffer: number }
  | { readonly kind: 'settled'; readonly number: number }
  | { readonly kind: 'takenOver'; readonly number: number }
  | { readonly kind: 'event'; readonly sender: number; readonly event: EventValue }
  | (Asked & { readonly whoIs: WhoIs })
  | { readonly kind: 'acknowledged'; readonly bytes: number }
  | { readonly kind: 'flushed'; readonly flushId: number; readonly waiting: number; readonly storing: boolean }
  | { readonly kind: 'store failed'; readonly failure: StoreFailure; readonly message: string }
  | Readonly<{ kind: 'expired'; name: string; head: string; body: number; state: DroppedState }>
  | { readonly kind: 'limited'; readonly limit: Limit; readonly name: string };
