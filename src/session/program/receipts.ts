/**
 * The receipts that programs have asked for: what became of a message at last, for one of its names. A receipt is told
 * to the sender if its name is here. It is not kept for who is not.
 */
import { idOfMessage } from '../../protocol/program-message.ts';
import {
  bodyOffsetOf,
  FRAME_BODY,
  FRAME_PREFIX_BYTES,
  type Frames,
  forEachFrame,
  WANTS_RECEIPT,
} from '../../shared/wire/frames/frames.ts';
import type { DroppedState } from '../../shared/wire/records.ts';
import { nameKey } from '../presence.ts';

/** What became of a message at last. */
export type ReceiptState = 'acked' | 'rejected' | DroppedState;

/** A receipt, as the sender is told it. */
export interface Receipt {
  readonly id: string;
  /** The name that the message was for. */
  readonly name: Uint8Array;
  readonly state: ReceiptState;
}

/** A program whose name is its own. */
export interface ReceiptTaker {
  receipt(receipt: Receipt): void;
}

/** The receipts of all sessions. */
export class Receipts {
  readonly #here = new Map<string, ReceiptTaker>();

  /** From now on `taker` is told what became of messages from `name`. */
  enter(name: Uint8Array, taker: ReceiptTaker): void {
    this.#here.set(nameKey(name), taker);
  }

  /** The name is not that of `taker` any more. */
  leave(name: Uint8Array, taker: ReceiptTaker): void {
    if (this.#here.get(nameKey(name)) === taker) this.#here.delete(nameKey(name));
  }

  /** Tells the senders of `frames` what became of them. @param name that the frames were for */
  tell(frames: Frames, name: Uint8Array | undefined, state: ReceiptState): void {
    if (name === undefined || this.#here.size === 0) return;
    forEachFrame(frames, (at, length, header) => {
      const kind = frames.headers[header + FRAME_BODY] as number;
      if ((kind & WANTS_RECEIPT) === 0) return;
      const body = at + bodyOffsetOf(kind);
      const { before, behind } = FRAME_PREFIX_BYTES;
      const taker = this.#here.get(nameKey(frames.bytes.subarray(at + before, body - behind)));
      const id = taker === undefined ? undefined : idOfMessage(frames.bytes, body, at + length);
      if (id !== undefined) taker?.receipt({ id, name, state });
    });
  }
}
