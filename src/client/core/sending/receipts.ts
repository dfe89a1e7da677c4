/** What became of messages that were taken: receipts, for each message and each of its names. */
import { ConnectionError, LimitError, ReceiptError, type RestanteError, UsageError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import type { Clock } from '../../waits/clock.ts';
import { Pending, type WaitOptions } from '../../waits/pending.ts';
import type { Part } from '../wire.ts';
import { textIn, type Words } from '../words.ts';

/** The receipts of one message. */
export class Receipt {
  readonly id: string;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #missing: Set<string>;
  readonly #waits = new Set<Pending<void>>();
  #failure: RestanteError | undefined;
  #wasCut = false;

  constructor(id: string, names: readonly string[], settings: Settings, clock: Clock) {
    this.id = id;
    this.#missing = new Set(names);
    this.#settings = settings;
    this.#clock = clock;
  }

  get complete(): boolean {
    return this.#missing.size === 0 || this.#failure !== undefined;
  }

  /** The receipt for one name has come. */
  note(name: string, state: string): void {
    if (!this.#missing.delete(name)) return;
    if (state === 'acked') this.#tell();
    else this.fail(new ReceiptError(state, this.id, name));
  }

  /** Receipts may have been lost with a connection. */
  noteCut(): void {
    this.#wasCut = true;
  }

  fail(error: RestanteError): void {
    if (this.complete) return;
    this.#failure = error;
    this.#tell();
  }

  /** Resolves when the message is acknowledged for every name. */
  acked({ timeout = this.#settings.timeouts.receiptMs, signal }: WaitOptions): Promise<void> {
    const hint = () => (this.#wasCut ? '; it may be lost with a connection' : '');
    const wait: Pending<void> = new Pending(this.#clock, {
      timeoutMs: timeout,
      signal,
      late: () => `no receipt within ${timeout} ms: message ${this.id}${hint()}`,
      over: () => void this.#waits.delete(wait),
    });
    if (!wait.done) this.#waits.add(wait);
    this.#tell();
    return wait.promise;
  }

  #tell(): void {
    if (!this.complete) return;
    for (const wait of this.#waits) {
      if (this.#failure === undefined) wait.resolve();
      else wait.reject(this.#failure);
    }
  }
}

/** All messages whose receipts have not all come. */
export class Receipts implements Part {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #awaited = new Map<string, Receipt>();

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** A message is sent whose receipts were asked for. The oldest is forgotten if there are too many. */
  expect(id: string, names: readonly string[]): Receipt {
    const receipt = new Receipt(id, names, this.#settings, this.#clock);
    const max = this.#settings.limits.awaitedReceipts;
    this.#awaited.get(id)?.fail(new UsageError(`message ${id} was sent again`));
    this.#awaited.delete(id);
    this.#awaited.set(id, receipt);
    if (this.#awaited.size > max) {
      const [oldest] = this.#awaited.values();
      if (oldest !== undefined) this.forget(oldest, new LimitError('awaitedReceipts', max));
    }
    return receipt;
  }

  /** No receipt is to be expected any more. */
  forget(receipt: Receipt, error: RestanteError): void {
    if (this.#awaited.get(receipt.id) === receipt) this.#awaited.delete(receipt.id);
    receipt.fail(error);
  }

  heard(words: Words): void {
    const receipt = this.#awaited.get(textIn(words, 'id'));
    if (receipt === undefined) return;
    receipt.note(textIn(words, 'name'), textIn(words, 'state'));
    if (receipt.complete) this.#awaited.delete(receipt.id);
  }

  /** See Part. Without a name, the receipts of this connection go to nobody. */
  lost(): void {
    for (const receipt of this.#awaited.values()) {
      receipt.noteCut();
      if (this.#settings.name !== undefined) continue;
      const text = `the connection is lost, and a receipt: message ${receipt.id}`;
      this.forget(receipt, new ConnectionError('CONNECTION_LOST', text));
    }
  }

  /** See Part. */
  ended(error: RestanteError): void {
    for (const receipt of this.#awaited.values()) this.forget(receipt, error);
  }
}
