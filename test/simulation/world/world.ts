/**
 * A whole broker without threads, sockets, disk or clock. The sessions, router, links and shards are real. The queues
 * between them move only when the caller says so.
 */

import { HashPlacement } from '../../../src/router/placement.ts';
import { Turns } from '../../../src/session/reader/turns.ts';
import { Session } from '../../../src/session/session.ts';
import type { SessionHost } from '../../../src/session/session-host.ts';
import { SessionTable, type TableLog } from '../../../src/session/session-table.ts';
import { reattachment } from '../../../src/shards/reattach.ts';
import type { ShardLives, ShardsHost } from '../../../src/shards/shard-lives.ts';
import { TurnLooks } from '../../../src/shards/thread/turn-looks.ts';
import { Memory, NO_MEMORY } from '../../../src/shared/memory/memory.ts';
import type { Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import { expectAllFree, expectNoPieces, overwrittenMemory } from '../../helpers/unit/overwritten-buffers.ts';
import { SimTimers } from './clock/timers.ts';
import type { Disk } from './disk.ts';
import { SimPeer } from './peer.ts';
import { type Roads, WatchedRouter } from './router.ts';
import { simHost } from './sessions/host.ts';
import { Paces } from './sessions/paces.ts';
import { Proofs } from './sessions/proofs.ts';
import { allSaid, SimShards } from './shards.ts';
import { SimTransport } from './transport.ts';
import type { WorldWatch } from './watch.ts';

export interface WorldSettings extends ShardSettings {
  readonly shards: number;
  /** Whether the authenticator answers only in a later turn. */
  readonly authenticatesLate: boolean;
  readonly roads: Roads;
}

/** Few and small buffers, so that all are leased at times, and each is used often. */
const fewBuffers = (shards: number) => overwrittenMemory(shards, 2, 256);
/** The most that one read takes. */
export const READ_BYTES = 256;
/** The codes with which a session may end before its peer has ended it. */
const EXPECTED_ENDS = ['SOCKET', 'NAME_TIMEOUT', 'TAKEN_OVER'];

export class World {
  readonly settings: WorldSettings;
  readonly disk: Disk;
  readonly router: WatchedRouter;
  readonly shards: SimShards;
  readonly sessions = new SessionTable<Session>(
    {
      debug: () => undefined,
      isLevelEnabled: () => true,
      error: (_: unknown, text?: string) => this.accuse(new Error(text)),
    } as TableLog,
    () => this.now,
  );
  watch: WorldWatch | undefined;
  now: number;
  readonly #host: SessionHost;
  readonly #proofs: Proofs;
  readonly #timers = new SimTimers();
  readonly #paces = new Paces(this.#timers);
  readonly #peers = new Map<number, SimPeer>();
  readonly #readBuffer: Buffer;
  #wrong: unknown;
  #turn: (() => void)[] = [];

  /** @param compare whether the first life of each shard counts all mail of the store */
  constructor(settings: WorldSettings, disk: Disk, now: number, compare: boolean) {
    this.settings = settings;
    this.disk = disk;
    this.now = now;
    const later = (step: () => void) => void this.#turn.push(step);
    this.#proofs = new Proofs(settings.authenticatesLate ? later : undefined);
    const turns = new Turns(later);
    const { shards: pools, writeBuffers } = fewBuffers(settings.shards);
    const placement = new HashPlacement(settings.shards);
    this.router = new WatchedRouter(
      placement,
      { endOfTurn: (step) => turns.atEnd(step), poolTo: (shard) => pools[shard]?.toShard },
      settings.roads,
      {
        routed: (sender, names, body) => this.#routed(sender, names, body),
        attached: (attachment) => this.#see((watch) => watch.attaches(this.#peer(attachment))),
        returned: (attachment, last, runs) => this.#returned(attachment, last, runs),
        rejected: (attachment, number) => this.#see(() => this.#peer(attachment).program?.noteRejected(number)),
      },
    );
    const memory = new Memory(new ArrayBuffer(READ_BYTES));
    this.#readBuffer = Buffer.from(memory.buffer);
    this.#host = simHost(settings, {
      authenticator: this.#proofs,
      placement,
      router: this.router,
      memory,
      writeBuffers,
      turns,
      startTimer: this.#timers.start,
      now: () => this.now,
    });
    const host = {
      handler: (shard: number) => this.#handler(shard),
      reattach: (shard: number) => reattachment(this.sessions.lostShard(shard), this.router.outbox(shard).batch),
    };
    const accuse = (error: unknown) => this.accuse(error);
    const looks = new TurnLooks();
    turns.watch(looks);
    const options = { settings, disk, compare, now: () => this.now, host, looks, accuse };
    this.shards = new SimShards(this.router.outboxes, pools, options);
    this.shards.onPurged = (name, text) => this.#see((watch) => watch.purged(name, text));
    disk.onRemoved = (name, value) => this.#see((watch) => watch.removed(name, value));
    this.shards.onDeath = (place) => this.#see((watch) => watch.died(place));
  }

  get lives(): ShardLives {
    return this.shards.lives;
  }

  /** Records a failed check of a caller that cannot throw. `check` throws it. */
  accuse(error: unknown): void {
    this.#wrong ??= error;
  }

  /** @throws the first recorded error */
  check(): void {
    if (this.#wrong !== undefined) throw this.#wrong;
  }

  /** The peers that the broker has a session of. */
  *peers(): Generator<SimPeer> {
    for (const { number } of this.sessions.values()) yield this.#peer(number);
  }

  /** Whether the broker has the session of this peer. */
  knows({ session }: SimPeer): boolean {
    return this.sessions.get(session.number) === session;
  }

  /**
   * A peer connects, and says its name.
   * @param windowMessages of a program: how many it may have unacknowledged
   * @param proven whether it takes the name over from who has it
   */
  connect(name: string, windowMessages?: number, proven = false): SimPeer {
    const socket = new SimTransport(this.#readBuffer, (step) => this.#turn.push(step));
    if (proven) this.#proofs.note(socket.peer);
    const number = this.sessions.nextNumber();
    const session = new Session(number, socket, this.#host, this.#paces.of(number));
    const peer = new SimPeer(name, session, socket, windowMessages);
    this.sessions.add(session);
    this.#peers.set(session.number, peer);
    peer.greets();
    session
      .run()
      .then((failure) => {
        if (session.name === undefined) this.sessions.remove(session);
        if (failure !== undefined && !EXPECTED_ENDS.includes(failure.code)) throw failure;
      })
      .catch((error: unknown) => this.accuse(error));
    return peer;
  }

  /** Ends the turn of the main thread. */
  endTurn(): void {
    for (const step of this.#turn.splice(0)) step();
  }

  /** Everything moves on a little: what peers write is read and routed, and shards answer. */
  flow(): void {
    for (const { socket } of [...this.peers()]) socket.arrive(READ_BYTES);
    this.endTurn();
    this.shards.flow();
  }

  /** A short time passes. */
  pass(): void {
    this.#paces.pass();
    this.#timers.pass();
  }

  /** Every time limit of a session passes. */
  hurry(): void {
    for (const peer of this.peers()) peer.cutShort = true;
    this.#timers.passAll();
  }

  /**
   * Lets everything happen that can happen by itself, until nothing moves. Writes under way stay as far as they are.
   */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      this.endTurn();
      let moved = await this.shards.settle();
      for (const peer of [...this.peers()]) {
        const { socket } = peer;
        while (socket.arrive(READ_BYTES)) moved = true;
        if (socket.peerCloses()) moved = true;
      }
      if (!moved)
        for (const peer of this.peers())
          if (peer.socket.mood === 'takes' && peer.says((program) => program.acksHalf())) moved = true;
      this.pass();
      await allSaid();
      quiet = moved || this.#turn.length > 0 || this.#paces.wait ? 0 : quiet + 1;
    }
    this.shards.expectAllReleased();
    expectNoPieces(this.#host.places);
    if (![...this.#peers.values()].some(({ socket }) => socket.busy)) expectAllFree(this.#host.writeBuffers);
  }

  #peer(number: number): SimPeer {
    const peer = this.#peers.get(number);
    if (peer === undefined) throw new Error(`no session has number ${number}`);
    return peer;
  }

  /** Calls the watch. Its errors are recorded, because they must not end the code that is watched. */
  #see(look: (watch: WorldWatch) => void): void {
    try {
      if (this.watch !== undefined) look(this.watch);
    } catch (error) {
      this.accuse(error);
    }
  }

  #routed(sender: number, names: readonly string[], body: string): void {
    this.#see((watch) => {
      const peer = this.#peer(sender);
      // What a peer has said while the name was its own goes out, though it has left the name since.
      const mayStillSend = peer.session.standing === 'receiving' || peer.left;
      if (this.settings.strict && !mayStillSend) throw new Error('a line under the name of another');
      watch.routed(peer, names, body);
    });
  }

  #returned(attachment: number, last: boolean, runs: readonly Frames[]): void {
    this.#see((watch) => {
      const peer = this.#peer(attachment);
      peer.noteReturned(runs, this.router.outbox(peer.session.shard).posts);
      if (last && peer.leavesByItself) watch.leaves(peer);
    });
  }

  #handler(shard: number): ReturnType<ShardsHost['handler']> {
    const handler = this.sessions.handler(shard);
    return {
      ...handler,
      attached: (number, as, waiting, last) => {
        const peer = this.#peers.get(number);
        if (peer?.session.standing === 'waiting' && peer.socket.endRead) peer.mayHaveGivenUp = true;
        handler.attached(number, as, waiting, last);
      },
      delivered: (number, delivered) => {
        this.#see((watch) => {
          const peer = this.#peer(number);
          if (peer.session.standing !== 'receiving')
            throw new Error(`mail for number ${number}, whose name is another's`);
          const frames = delivered.frames();
          watch.handed(peer, peer.noteHanded(frames), frames, this.shards.postOf(shard));
        });
        handler.delivered(number, delivered);
        delivered.set(NO_MEMORY, 0, 0, NO_MEMORY, 0, 0); // it is valid only until here
      },
      takenOver: (number) => {
        const peer = this.#peers.get(number);
        if (peer !== undefined) peer.cutShort = true;
        handler.takenOver(number);
      },
      event: (sender, event) => {
        const isThere = this.sessions.get(sender) !== undefined;
        const isFirst = event.class === 'outcome' || (event.class === 'news' && event.more === 0);
        if (isFirst && isThere)
          this.#see((watch) => watch.noticed(this.#peer(sender), event.kind, `${Buffer.from(event.name)}`));
        handler.event(sender, event);
      },
      expired: (name, frame, state) => {
        this.#see((watch) => watch.expired(`${Buffer.from(name)}`, frame, state, this.shards.postOf(shard)));
        this.#host.receipts.tell(frame, name, state);
      },
      storeFailed: () => undefined,
      limited: () => undefined,
    };
  }
}
