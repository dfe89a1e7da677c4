/** A sender and a receiver. So many messages are under way between them, and each that is done lets the next one go. */
import { type Client, RefusedError, type SendOptions } from '../../../library/index.ts';
import type { Tally } from './tally.ts';

interface Flight {
  readonly sentAt: number;
  readonly workedOff: () => void;
}

/** How a pair sends. */
export interface Load {
  readonly inFlight: number;
  readonly body: string;
  readonly options: SendOptions;
}

/** One pair. Its receiver must be read once, by `receive`. */
export class Pair implements AsyncDisposable {
  readonly #sender: Client;
  readonly #receiver: Client;
  readonly #to: string;
  readonly #load: Load;
  /** What was sent and is not worked off, by id. */
  readonly #flights = new Map<string, Flight>();
  #tally: Tally | undefined;
  #sent = 0;

  constructor(sender: Client, receiver: Client, to: string, load: Load) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#to = to;
    this.#load = load;
  }

  get unfinished(): number {
    return this.#flights.size;
  }

  /** Takes and acknowledges all messages, until the client is closed. @throws what ends the client */
  async receive(): Promise<void> {
    for await (const message of this.#receiver.messages()) {
      message.ack();
      const flight = this.#flights.get(message.id ?? '');
      if (flight === undefined) this.#tally?.repeated();
      else {
        this.#flights.delete(message.id ?? '');
        this.#tally?.workedOff(flight.sentAt, performance.now());
        flight.workedOff();
      }
    }
  }

  /** Sends one message that is not counted. @throws RefusedError if it is not taken, and what `send` throws */
  async tryOne(): Promise<void> {
    await this.#send(undefined);
  }

  /**
   * Sends until `ends`, and waits until all that was sent is done.
   * @throws what `send` of the library throws, but for a refusal, which is counted
   */
  async send(tally: Tally, ends: AbortSignal): Promise<void> {
    this.#tally = tally;
    const one = async () => {
      while (!ends.aborted) await this.#sendCounted(tally);
    };
    await Promise.all(Array.from({ length: this.#load.inFlight }, one));
  }

  async #sendCounted(tally: Tally): Promise<void> {
    try {
      await this.#send(tally);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      tally.refused();
    }
  }

  async #send(tally: Tally | undefined): Promise<void> {
    const id = String(this.#sent++);
    const sentAt = performance.now();
    const done = new Promise<void>((workedOff) => {
      this.#flights.set(id, { sentAt, workedOff });
    });
    try {
      await this.#sender.send(this.#to, this.#load.body, { ...this.#load.options, id });
    } catch (error) {
      // After any other error it may be under way.
      if (error instanceof RefusedError) this.#flights.delete(id);
      throw error;
    }
    tally?.accepted(sentAt, performance.now());
    await done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sender.close();
    await this.#receiver[Symbol.asyncDispose]();
  }
}
