/** One shard as the main thread reaches it: its outbox and its ports, through all its lives. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { releaseProxy } from 'comlink';
import type { Outbox } from '../router/outbox.ts';
import { isLoan, type OwnPost, type PostedValue, received } from '../shared/wire/batch.ts';
import { type RemoteShardControl, remoteControl, type ShardStats } from '../shared/wire/control.ts';
import { readToMain, type ToMainHandler } from '../shared/wire/to-main.ts';
import { putBegin } from '../shared/wire/to-shard.ts';
import type { Lending } from './memory-plan.ts';

/** The ends of the ports that go to the thread. */
export interface ThreadPorts {
  readonly data: MessagePort;
  readonly control: MessagePort;
}

/** One life of a shard. */
export interface ShardLife {
  /** What the shard is told before all that was gathered while it was not there. */
  readonly first: OwnPost | undefined;
  /** Puts what the shard is told behind that. */
  readonly begin: (outbox: Outbox) => void;
  /** Runs the shard with its ends of the ports. Resolves when it has drained, rejects when it has crashed. */
  readonly run: (ports: ThreadPorts) => Promise<ShardStats>;
  /** Called when all that the shard said has been heard; before anybody who has asked it something goes on. */
  readonly ended: () => void;
}

export class ShardLink {
  readonly shard: number;
  readonly outbox: Outbox;
  readonly lending: Lending;
  readonly #handler: ToMainHandler;
  readonly #malformed: () => void;
  #control: RemoteShardControl | undefined;
  #lostBytes = 0;
  /** Ends the wait for each answer that is due. */
  readonly #due = new Set<() => void>();

  /** @param malformed called for a batch that is none; nothing of it counts from where it is wrong */
  constructor(shard: number, outbox: Outbox, lending: Lending, handler: ToMainHandler, malformed: () => void) {
    this.shard = shard;
    this.outbox = outbox;
    this.lending = lending;
    this.#handler = handler;
    this.#malformed = malformed;
  }

  /** The shard's control; undefined while it is down. */
  get control(): RemoteShardControl | undefined {
    return this.#control;
  }

  /** Bytes that were posted to the shard's last life and not worked off. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /**
   * Asks the shard.
   * @returns undefined if it is not there, or crashes meanwhile: then it never answers
   */
  ask<Answer>(question: (control: RemoteShardControl) => Promise<Answer>): Promise<Answer | undefined> {
    const control = this.#control;
    if (control === undefined) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const over = () => resolve(undefined);
      this.#due.add(over);
      question(control)
        .then(resolve, reject)
        .finally(() => this.#due.delete(over));
    });
  }

  /** One life of the shard, from its ports to its end. */
  async live({ first, begin, run, ended }: ShardLife): Promise<ShardStats> {
    const data = new MessageChannel();
    const control = new MessageChannel();
    const remote = remoteControl(control.port1);
    this.#control = remote;
    this.#lostBytes = 0;
    data.port1.on('message', this.#receive);
    // A thread that dies closes its ports: what is put from then on waits for the next life.
    data.port1.on('close', this.#disconnect);
    // Behind all that was put while no shard was there, which may be mail that comes back to its old place.
    putBegin(this.outbox.batch);
    this.outbox.connect(data.port1, first);
    begin(this.outbox);
    this.outbox.schedule();
    try {
      return await run({ data: data.port2, control: control.port2 });
    } finally {
      this.#receiveRest(data.port1);
      this.#disconnect();
      this.lending.toShard.giveBackAll();
      this.lending.toMain.giveBackAll();
      data.port1.off('close', this.#disconnect);
      remote[releaseProxy]();
      this.#control = undefined;
      data.port1.close();
      control.port1.close();
      ended();
      for (const over of this.#due) over();
      this.#due.clear();
    }
  }

  readonly #receive = (value: PostedValue): void => {
    const post = received(value, this.lending.toMain);
    if (!readToMain(post, this.#handler)) this.#malformed();
    if (isLoan(post)) post.from.giveBack(post.number);
  };

  /** What the shard said before it ended still holds. */
  #receiveRest(port: MessagePort): void {
    for (let left = receiveMessageOnPort(port); left !== undefined; left = receiveMessageOnPort(port)) {
      this.#receive(left.message as PostedValue);
    }
  }

  readonly #disconnect = (): void => {
    this.#lostBytes += this.outbox.disconnect();
  };
}
