/** A thread of the pool, in which one life of a shard runs, with a data port and a control port. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { releaseProxy } from 'comlink';
import type { PostTarget } from '../../router/outbox.ts';
import type { PostedValue } from '../../shared/wire/batch.ts';
import { type RemoteShardControl, remoteControl, type ShardStats } from '../../shared/wire/port/control.ts';
import { laneOf } from '../../shared/wire/port/data-port.ts';
import type { ShardRings } from '../memory-plan.ts';
import type { ShardThread } from '../shard-link.ts';
import { ShardPort } from './shard-port.ts';
import type { TurnLooks } from './turn-looks.ts';

/** The ends of the ports that move to the thread. */
export interface ThreadPorts {
  readonly data: MessagePort;
  readonly control: MessagePort;
}

/** The thread of one life. See ShardThread. */
export class PoolThread implements ShardThread {
  readonly target: PostTarget;
  readonly control: RemoteShardControl;
  readonly #shardPort: ShardPort;
  readonly #dataPort: MessagePort;
  readonly #controlPort: MessagePort;
  readonly #ports: ThreadPorts;
  readonly #start: (ports: ThreadPorts) => Promise<ShardStats>;
  #closed: () => void = () => undefined;

  /** @param start runs the shard in a thread of the pool, to which these ends of the ports move */
  constructor(start: (ports: ThreadPorts) => Promise<ShardStats>, rings: ShardRings, looks: TurnLooks) {
    const data = new MessageChannel();
    const control = new MessageChannel();
    this.#dataPort = data.port1;
    this.#shardPort = new ShardPort(laneOf(data.port1), rings, looks);
    this.target = this.#shardPort.target;
    this.#controlPort = control.port1;
    this.control = remoteControl(control.port1);
    this.#ports = { data: data.port2, control: control.port2 };
    this.#start = start;
  }

  listen(take: (value: PostedValue) => void, closed: () => void): void {
    this.#closed = () => {
      this.#shardPort.look(); // what the shard posted before its end comes first
      closed();
    };
    this.#shardPort.listen(take);
    this.#dataPort.on('message', this.#shardPort.arrived);
    this.#dataPort.on('close', this.#closed);
  }

  run(): Promise<ShardStats> {
    return this.#start(this.#ports);
  }

  next(): PostedValue | undefined {
    return this.#shardPort.next();
  }

  close(): void {
    this.#shardPort.close();
    this.#dataPort.off('close', this.#closed);
    this.control[releaseProxy]();
    this.#dataPort.close();
    this.#controlPort.close();
  }
}
