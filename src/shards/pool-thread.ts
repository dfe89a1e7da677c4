/** A thread of the pool, in which one life of a shard runs, with a data port and a control port. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { releaseProxy } from 'comlink';
import type { PostedValue } from '../shared/wire/batch.ts';
import { type RemoteShardControl, remoteControl, type ShardStats } from '../shared/wire/port/control.ts';
import type { ShardThread } from './shard-link.ts';

/** The ends of the ports that move to the thread. */
export interface ThreadPorts {
  readonly data: MessagePort;
  readonly control: MessagePort;
}

/** The thread of one life. See ShardThread. */
export class PoolThread implements ShardThread {
  readonly target: MessagePort;
  readonly control: RemoteShardControl;
  readonly #controlPort: MessagePort;
  readonly #ports: ThreadPorts;
  readonly #start: (ports: ThreadPorts) => Promise<ShardStats>;
  #closed: () => void = () => undefined;

  /** @param start runs the shard in a thread of the pool, to which these ends of the ports move */
  constructor(start: (ports: ThreadPorts) => Promise<ShardStats>) {
    const data = new MessageChannel();
    const control = new MessageChannel();
    this.target = data.port1;
    this.#controlPort = control.port1;
    this.control = remoteControl(control.port1);
    this.#ports = { data: data.port2, control: control.port2 };
    this.#start = start;
  }

  listen(take: (value: PostedValue) => void, closed: () => void): void {
    this.#closed = closed;
    this.target.on('message', take);
    this.target.on('close', closed);
  }

  run(): Promise<ShardStats> {
    return this.#start(this.#ports);
  }

  next(): PostedValue | undefined {
    return receiveMessageOnPort(this.target)?.message as PostedValue | undefined;
  }

  close(): void {
    this.target.off('close', this.#closed);
    this.control[releaseProxy]();
    this.target.close();
    this.#controlPort.close();
  }
}
