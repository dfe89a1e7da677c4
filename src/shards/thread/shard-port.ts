/** The main thread's end of the data port of one life of a shard. It knows no thread. */
import type { PostTarget } from '../../router/outbox.ts';
import type { PostedValue } from '../../shared/wire/batch.ts';
import { DataPort, type MessageLane } from '../../shared/wire/port/data-port.ts';
import type { ShardRings } from '../memory-plan.ts';
import type { Looked, TurnLooks } from './turn-looks.ts';

export class ShardPort implements Looked {
  readonly #lane: MessageLane;
  readonly #port: DataPort;
  readonly #looks: TurnLooks;
  #take: (value: PostedValue) => void = () => undefined;
  /** Whether `lookNow` is due, so that the shard need not wake this thread. */
  #due = false;

  /** @param rings the rings of the shard, which no life of it uses any more */
  constructor(lane: MessageLane, rings: ShardRings, looks: TurnLooks) {
    rings.toShard.reset();
    rings.toMain.reset();
    this.#lane = lane;
    this.#port = new DataPort(lane, rings.toShard, rings.toMain);
    this.#looks = looks;
  }

  /** Where posts to the shard are put. */
  get target(): PostTarget {
    return this.#port;
  }

  /** From now on, passes on what the shard posts. `arrived` must be called with each message of the lane. */
  listen(take: (value: PostedValue) => void): void {
    this.#take = take;
    this.#looks.add(this);
  }

  /** A message has arrived in the lane. */
  readonly arrived = (message: unknown): void => {
    this.#port.arrived(message);
    this.look();
  };

  get waiting(): boolean {
    return this.#port.waiting;
  }

  lookLater(): void {
    this.#due = true;
    this.#port.stayAwake();
  }

  lookNow(): void {
    this.#due = false;
    this.look();
  }

  /** Takes all that the shard has posted. */
  look(): void {
    do {
      this.#port.takeAll(this.#take);
      // What was taken may have begun a turn, at whose end there is another look.
    } while (!this.#due && !this.#port.sleep());
  }

  /** Takes the next post that was not passed on, though the lane may have no event for it any more. */
  next(): PostedValue | undefined {
    for (;;) {
      const value = this.#port.next();
      if (value !== undefined) return value;
      const message = this.#lane.receive();
      if (message === undefined) return undefined;
      this.#port.arrived(message);
    }
  }

  /** Passes nothing on any more. */
  close(): void {
    this.#looks.delete(this);
    this.#take = () => undefined;
  }
}
