/** A thread, started as the broker starts its shards, that sends every post back. */
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { poolOptions } from '../../../../src/shared/common/worker-pool.ts';
import { type OwnPost, type PostedValue, posted } from '../../../../src/shared/wire/batch.ts';

export class Echo implements AsyncDisposable {
  readonly #pool: Piscina;
  readonly #port: MessagePort;
  #answered: (value: PostedValue) => void = () => {};
  #failed: (error: unknown) => void = () => {};

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const filename = fileURLToPath(new URL('./port-thread.ts', import.meta.url));
    this.#port = port1;
    // Under vitest the pools of the broker run compiled code, and this thread is TypeScript.
    const typescript = new URL('../../../../workers/typescript.mjs', import.meta.url).href;
    this.#pool = new Piscina({ ...poolOptions('broker', 1), filename, execArgv: ['--import', typescript] });
    this.#pool.run(port2, { transferList: [port2] }).catch((error: unknown) => this.#failed(error));
    port1.on('message', (value: PostedValue) => this.#answered(value));
  }

  /** Sends a post, whose buffers are gone then. Resolves with what comes back; one at a time. */
  async send(post: OwnPost): Promise<PostedValue> {
    return this.#send(...posted(post));
  }

  /** Sends the number of a leased buffer there and back. */
  async sendLeased(lease: number): Promise<PostedValue> {
    return this.#send(lease, []);
  }

  #send(value: PostedValue, transfer: ArrayBuffer[]): Promise<PostedValue> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#port.postMessage(value, transfer);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
    this.#port.close();
  }
}
