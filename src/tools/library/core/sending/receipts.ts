/** What became of messages that were taken: receipts, for each message and each of its names. */
import { ConnectionError, LimitError, ReceiptError, type RestanteError, UsageError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import { type Clock, UNLIMITED } from '../../waits/clock.ts';
import { Pending, type WaitOptions } from '../../waits/pending.ts';
import type { Part } from '../wire.ts';
import { textIn, type Words } from '../words.ts';

/** The receipts of one message. */
export interface Receipt {
  readonly id: string;
  /** The names whose receipts have not come. */
  readonly missing: Set<string>;
  /** Ends when all have come, or one that says that it was not worked off. */
  readonly all: Pending<void>;
  /** A connection was lost meanwhile, and the receipt may be lost with it. */
  wasCut: boolean;
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
    const max = this.#settings.limits.awaitedReceipts;
    this.#awaited.get(id)?.all.reject(new UsageError(`message ${id} was sent again`));
    const over = () => void this.#awaited.delete(id);
    const all = new Pending<void>(this.#clock, { timeoutMs: UNLIMITED, late: String, over });
    // Whoever asks is told, and perhaps nobody asks.
    all.promise.catch(() => undefined);
    const receipt = { id, missing: new Set(names), all, wasCut: false };
    this.#awaited.set(id, receipt);
    const [oldest] = this.#awaited.values();
    if (this.#awaited.size > max) oldest?.all.reject(new LimitError('awaitedReceipts', max));
    return receipt;
  }

  /** See Sent.acked. */
  acked(receipt: Receipt, options: WaitOptions = {}): Promise<void> {
    const { timeout = this.#settings.timeouts.receiptMs, signal } = options;
    const { id, all } = receipt;
    const hint = () => (receipt.wasCut ? '; it may be lost with a connection' : '');
    const late = () => `no receipt within ${timeout} ms: message ${id}${hint()}`;
    const wait = new Pending<void>(this.#clock, { timeoutMs: timeout, signal, late });
    all.promise.then(
      () => wait.resolve(),
      (error) => wait.reject(error),
    );
    return wait.promise;
  }

  heard(words: Words): void {
    const id = textIn(words, 'id');
    const name = textIn(words, 'name');
    const state = textIn(words, 'state');
    this.#settings.onReceipt?.({ id, name, state });
    const receipt = this.#awaited.get(id);
    if (!receipt?.missing.delete(name)) return;
    if (state !== 'acked') receipt.all.reject(new ReceiptError(state, id, name));
    else if (receipt.missing.size === 0) receipt.all.resolve();
  }

  /** See Part. Without a name, the receipts of this connection go to nobody. */
  lost(): void {
    for (const receipt of this.#awaited.values()) {
      receipt.wasCut = true;
      if (this.#settings.name !== undefined) continue;
      receipt.all.reject(
        new ConnectionError('CONNECTION_LOST', `the connection is lost, and a receipt: message ${receipt.id}`),
      );
    }
  }

  /** See Part. */
  ended(error: RestanteError): void {
    for (const receipt of this.#awaited.values()) receipt.all.reject(error);
  }
}
