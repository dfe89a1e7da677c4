/** One simulated life of a broker. It takes random steps from a seed, and checks everything after each step. */

import { Time } from '../world/clock/time.ts';
import { Disk } from '../world/disk.ts';
import { allSaid, type Place } from '../world/shards.ts';
import { READ_BYTES, World } from '../world/world.ts';
import { Chance } from './chance.ts';
import { SEARCH_SECONDS } from './checks/expiry.ts';
import { expectNothingLeft } from './checks/nothing-left.ts';
import { keyOf, type Ledger } from './ledger.ts';
import { checkIndex, copiesOn, loseSome } from './on-disk.ts';
import { Peers } from './peers.ts';
import { holdSecondsOf, JUMP_SECONDS, someSettings } from './settings.ts';
import { FLOWS, type Step, WEIGHTS } from './steps.ts';
import { Talk } from './talk.ts';
import { Witness } from './witness.ts';

export class Run {
  readonly #chance: Chance;
  readonly #talk: Talk;
  readonly #witness: Witness;
  readonly #peers: Peers;
  #world: World;
  readonly #time = new Time();
  readonly #may: Readonly<Record<'fill' | 'fail' | 'forget' | 'ack' | 'prove' | 'purge', boolean>>;
  readonly #holdSeconds: number;
  readonly #weights: Readonly<Record<Step, number>>;
  /** Flushes in this world that are not answered yet. */
  #flushes = 0;
  steps = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#talk = new Talk(this.#chance);
    const once = (times: number) => this.#chance.once(times);
    this.#may = { fill: once(3), fail: once(3), forget: once(3), ack: once(2), prove: once(3), purge: once(2) };
    this.#holdSeconds = holdSecondsOf(this.#chance, this.#may.forget);
    this.#weights = { ...WEIGHTS, flow: this.#chance.of(FLOWS) };
    this.#world = this.#newWorld(new Disk());
    this.#witness = new Witness(this.#world, this.#talk.wantedReceipts, { mayForget: this.#may.forget });
    this.#peers = new Peers({
      chance: this.#chance,
      talk: this.#talk,
      mayAck: this.#may.ack,
      mayProve: this.#may.prove,
      world: () => this.#world,
      holdsFor: (name) => this.#witness.holdsFor(name),
    });
  }

  get ledger(): Ledger {
    return this.#witness.ledger;
  }

  /** Takes one random step. @throws if a check fails */
  async step(): Promise<void> {
    this.steps++;
    await this.#doStep(this.#chance.weighted(this.#weights));
    await allSaid();
    this.#witness.check();
  }

  /** Stops in order and starts again. Then every name comes and reads all its mail. @throws if a check fails */
  async finish(): Promise<void> {
    const witness = this.#witness;
    await this.#stop();
    const world = this.#world;
    await world.settle();
    const onlyFetch = this.#chance.once(2);
    const last = this.#talk.names.map((name) => this.#peers.connect(name, !onlyFetch));
    for (const { socket } of last) socket.mood = 'takes';
    if (this.#may.fail) world.disk.badReads = this.#chance.int(0, 3);
    // A peer that only fetches its mail ends its side at once. A program could not acknowledge it then.
    if (onlyFetch) for (const peer of last) peer.endStream();
    await world.settle();
    witness.check();
    witness.expectNone([...witness.ledger.missing()], 'lost');
    for (const peer of last) peer.stop();
    await world.settle();
    witness.check();
    expectNothingLeft(world);
  }

  async #doStep(kind: Step): Promise<void> {
    const chance = this.#chance;
    const world = this.#world;
    const place = chance.of(world.shards.places);
    switch (kind) {
      case 'send':
        this.#peers.send();
        return;
      case 'flow':
        world.flow();
        return;
      case 'turn':
        world.endTurn();
        return;
      case 'workShard':
        place.thread?.work();
        return;
      case 'shardTurn':
        place.thread?.halfEndTurn();
        return;
      case 'workMain':
        place.thread?.handOver();
        return;
      case 'answer':
        this.#answer(place);
        return;
      case 'read':
        for (const { socket } of [...world.peers()])
          if (chance.once(2)) socket.arrive(chance.int(1, chance.of([64, READ_BYTES])));
        return;
      case 'take':
        for (const { socket } of world.peers()) if (chance.once(3)) socket.take(chance.int(1, 60));
        return;
      case 'ack':
        this.#peers.ack();
        return;
      case 'reject':
        this.#peers.reject();
        return;
      case 'connect':
        this.#peers.comes();
        return;
      case 'mood':
        this.#peers.one(({ socket }) => {
          socket.mood = socket.mood === 'takes' ? 'blocks' : 'takes';
        });
        return;
      case 'end':
        this.#peers.one((peer) => peer.stop());
        return;
      case 'endStream':
        this.#peers.one((peer) => this.#peers.endStream(peer));
        return;
      case 'abandon':
        this.#peers.breaks((peer) => peer.abandon());
        return;
      case 'fail':
        this.#peers.breaks((peer) => peer.fail());
        return;
      case 'close':
        for (const { socket } of [...world.peers()]) if (chance.once(2)) socket.peerCloses();
        return;
      case 'pass':
        this.#pass(chance.int(1, 100));
        if (chance.once(3)) world.disk.keepState(this.#time.state(false));
        return;
      case 'hurry':
        if (chance.once(4)) world.hurry();
        return;
      case 'full':
        world.disk.full = this.#may.fill;
        return;
      case 'reopen':
        if (chance.once(2)) world.disk.full = false;
        if (!world.disk.full) world.shards.reopen();
        return;
      case 'jump':
        this.#time.jump(chance.int(-3, 3) * JUMP_SECONDS);
        return;
      case 'crash':
        if (chance.once(2)) this.#peers.rejectUnheard(place.index);
        world.shards.crash(place, chance.once(2));
        return;
      case 'hear':
        world.shards.hearOfDeaths();
        return;
      case 'restart':
        world.shards.wake();
        return;
      case 'calls':
        place.thread?.answerCalls();
        return;
      case 'flush':
        this.#flush();
        return;
      case 'purge':
        if (this.#may.purge) this.#witness.purges.purge(chance.of(this.#talk.names), chance);
        return;
      case 'kill':
        if (chance.once(4)) this.#kill();
        return;
      case 'stop':
        if (chance.once(4)) await this.#stop();
        return;
      default:
        kind satisfies never;
    }
  }

  #pass(seconds: number): void {
    this.#time.pass(seconds);
    this.#world.now = this.#time.aged;
    this.#world.pass();
    this.#world.shards.tick();
  }

  #newWorld(disk: Disk): World {
    const holdSeconds = this.#holdSeconds;
    const settings = someSettings(this.#chance, { mayForget: this.#may.forget, holdSeconds });
    this.#time.start(disk.state, holdSeconds);
    const world = new World(settings, disk, this.#time.aged, disk.state?.ended !== true);
    disk.keepState(this.#time.state(false));
    return world;
  }

  /** The store of a shard answers one of its calls. */
  #answer({ thread }: Place): void {
    if (thread === undefined || thread.store.waiting === 0) return;
    // While a shard loads, a failure would end it for good. That case is not simulated.
    const fails = this.#may.fail && thread.state === 'works' && this.#chance.once(12);
    const failure = fails ? new Error('Too many open files') : undefined;
    thread.answer(this.#chance.int(0, thread.store.waiting - 1), failure);
  }

  /** Sends a flush to all shards, and checks what is true when it is answered. */
  #flush(): void {
    const world = this.#world;
    if (world.disk.takesNothing) return;
    this.#flushes++;
    const checks = [world.shards.expectAsked(), this.#witness.flushAsked()];
    const asked = async () => {
      const flushed = await world.lives.flushed();
      if (world === this.#world) this.#flushes--;
      for (const check of checks) check(flushed);
    };
    asked().catch((error: unknown) => world.accuse(error));
  }

  /** The broker and its machine crash. What was not synced may be lost. */
  #kill(): void {
    this.#begin(this.#world.disk.crash((of) => this.#chance.int(0, of)));
    this.#witness.noteKill();
  }

  /** The broker stops in order. Every message that it has read must be delivered or on disk. */
  async #stop(): Promise<void> {
    const world = this.#world;
    const witness = this.#witness;
    world.disk.full = false;
    // Twice, because a reopening may be under way that began while the disk was full.
    for (let times = 0; times < 2; times++) {
      world.shards.reopen();
      await world.settle();
    }
    for (let seconds = 0; seconds < SEARCH_SECONDS; seconds++) {
      this.#pass(1);
      await world.settle();
    }
    witness.check();
    witness.checkRemoved();
    witness.checkExpired();
    witness.checkPeers();
    witness.purges.expectAnswered();
    if (this.#flushes > 0) throw new Error('shards were asked, and have not answered');
    for (const peer of [...world.peers()]) peer.stop();
    await world.settle();
    for (const peer of [...world.peers()]) if (!peer.left) peer.abandon();
    await world.settle();
    await this.#drain(world);
    witness.check();
    checkIndex(world.disk, witness.vanished);
    const safe = new Set(copiesOn(world.disk, 'synced'));
    const missing = [...witness.ledger.missing()].filter(({ id, to }) => !safe.has(keyOf(id, to)));
    witness.expectNone(missing, 'not on disk after a stop in order');
    witness.checkRemoved();
    world.disk.keepState(this.#time.state(true));
    this.#begin(world.disk.crash((of) => of));
  }

  async #drain(world: World): Promise<void> {
    let drained = false;
    world.lives.drain().then(
      () => {
        drained = true;
      },
      (error: unknown) => world.accuse(error),
    );
    await world.settle();
    if (!drained) throw new Error('a shard does not drain');
  }

  #begin(disk: Disk): void {
    this.#witness.vanished += loseSome(disk, this.#chance, this.#witness.ledger);
    this.#flushes = 0;
    this.#world = this.#newWorld(disk);
    this.#witness.begin(this.#world);
  }
}
