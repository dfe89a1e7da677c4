/** A simulated life of a broker: random steps from a seed, and after each of them what must be true. */
import { Disk } from '../world/disk.ts';
import { Time } from '../world/time.ts';
import { allSaid, type Place, type SimSession, World } from '../world/world.ts';
import { Chance } from './chance.ts';
import { keyOf } from './ledger.ts';
import { checkIndex, copiesOn, loseSome } from './on-disk.ts';
import { someSettings } from './settings.ts';
import { Witness } from './witness.ts';

const NAMES = ['ann', 'bob', 'cat', 'dan', 'eve'];
const MAX_SESSIONS = 12;
/** Longer than the longest run, so that nothing is ever too old. */
const HOLD_SECONDS = 10 ** 8;
/** The wall clock jumps by a multiple of this, which is more than that, wherever it jumps from. */
const JUMP_SECONDS = 3 * HOLD_SECONDS;

/** How often each kind of step is tried. */
const WEIGHTS = {
  send: 60,
  turn: 40,
  workShard: 40,
  shardTurn: 30,
  workMain: 40,
  answer: 30,
  take: 25,
  attach: 10,
  mood: 10,
  end: 6,
  endStream: 6,
  abandon: 2,
  fail: 2,
  pass: 2,
  full: 1,
  reopen: 4,
  jump: 1,
  crash: 1,
  hear: 6,
  restart: 6,
  calls: 20,
  flush: 3,
  kill: 1,
  stop: 1,
} as const;

export class Run {
  readonly #chance: Chance;
  readonly #witness: Witness;
  #world: World;
  readonly #time = new Time();
  #lastId = 0;
  readonly #mayFill: boolean;
  readonly #mayForget: boolean;
  readonly #mayFail: boolean;
  /** Flushes of this world that are not answered. */
  #flushes = 0;
  steps = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#mayFill = this.#chance.once(3);
    this.#mayFail = this.#chance.once(3);
    this.#mayForget = this.#chance.once(3);
    this.#world = this.#newWorld(new Disk());
    this.#witness = new Witness(this.#world, { mayForget: this.#mayForget });
  }

  get delivered(): number {
    return this.#witness.ledger.taken.size;
  }

  /** One random step. @throws what must not be */
  async step(): Promise<void> {
    this.steps++;
    await this.#doStep(this.#chance.weighted(WEIGHTS));
    await allSaid();
    this.#witness.check();
  }

  /** Ends in order, begins again, and lets every name come and read all it has. @throws what must not be */
  async finish(): Promise<void> {
    const witness = this.#witness;
    await this.#stop();
    const world = this.#world;
    await world.settle();
    const last = NAMES.map((name) => this.#attach(name));
    for (const { socket } of last) socket.mood = 'takes';
    if (this.#mayFail) world.disk.badReads = this.#chance.int(0, 3);
    // Who only comes to fetch its mail ends its side at once.
    if (this.#chance.once(2)) for (const session of last) session.endStream();
    await world.settle();
    witness.check();
    witness.expectNone([...witness.ledger.missing()], 'lost');
    for (const session of last) session.end();
    await world.settle();
    witness.check();
    const left = [...copiesOn(world.disk)].length;
    if (left > 0) throw new Error(`${left} messages are left in the store, and nobody has them to come`);
    for (const { thread } of world.places) {
      if (thread?.shard.stats().heldMessages !== 0 || thread.budget.used !== 0)
        throw new Error('something is held, and nothing is there');
      if (thread.shard.stats().attachments !== 0) throw new Error('an attachment was never settled');
    }
  }

  async #doStep(kind: keyof typeof WEIGHTS): Promise<void> {
    const chance = this.#chance;
    const world = this.#world;
    const place = chance.of(world.places);
    switch (kind) {
      case 'send':
        this.#send();
        return;
      case 'turn':
        world.endTurn();
        return;
      case 'workShard':
        place.thread?.work();
        return;
      case 'shardTurn':
        place.thread?.endTurn();
        return;
      case 'workMain':
        place.thread?.handOver();
        return;
      case 'answer':
        this.#answer(place);
        return;
      case 'take':
        for (const session of world.sessions.values()) if (chance.once(3)) session.socket.take(chance.int(1, 60));
        return;
      case 'attach':
        if (world.sessions.size < MAX_SESSIONS) this.#attach(chance.of(NAMES));
        return;
      case 'mood':
        this.#someSession((session) => {
          session.socket.mood = session.socket.mood === 'takes' ? 'blocks' : 'takes';
        });
        return;
      case 'end':
        this.#someSession((session) => session.end());
        return;
      case 'endStream':
        this.#someSession((session) => session.endStream());
        return;
      case 'abandon':
        this.#someSession((session) => session.abandon());
        return;
      case 'fail':
        this.#someSession((session) => session.fail(chance.once(2)));
        return;
      case 'pass':
        this.#time.pass(chance.int(1, 100));
        world.now = this.#time.aged;
        world.pass();
        world.tick();
        if (chance.once(3)) world.disk.keepState(this.#time.state(false));
        return;
      case 'full':
        world.disk.full = this.#mayFill && !world.disk.full;
        if (!world.disk.full) world.reopen();
        return;
      case 'reopen':
        if (!world.disk.full) world.reopen();
        return;
      case 'jump':
        this.#time.jump(chance.int(-3, 3) * JUMP_SECONDS);
        return;
      case 'crash':
        world.crash(place, chance.once(2));
        return;
      case 'hear':
        world.hearOfDeaths();
        return;
      case 'restart':
        world.wake();
        return;
      case 'calls':
        place.thread?.answerCalls();
        return;
      case 'flush':
        this.#flush();
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

  #newWorld(disk: Disk): World {
    const settings = someSettings(this.#chance, HOLD_SECONDS, this.#mayForget);
    this.#time.start(disk.state, HOLD_SECONDS);
    const world = new World(settings, disk, this.#time.aged, disk.state?.ended !== true);
    disk.keepState(this.#time.state(false));
    return world;
  }

  #attach(name: string): SimSession {
    const session = this.#world.attach(name);
    this.#witness.came(session);
    session.socket.mood = this.#chance.once(3) ? 'blocks' : 'takes';
    return session;
  }

  #someSession(use: (session: SimSession) => void): void {
    const sessions = [...this.#world.sessions.values()].filter(({ left }) => !left);
    if (sessions.length > 0) use(this.#chance.of(sessions));
  }

  /** A session that has not ended writes to some of the names that are known. */
  #send(): void {
    const world = this.#world;
    this.#someSession((session) => {
      if (session.ended || session.streamEnded) return;
      const to = NAMES.filter((name) => this.#witness.known.has(name) && this.#chance.once(3));
      if (to.length === 0 || world.disk.takesNothing) return; // what is refused is counted elsewhere
      session.read(`${to}:#${++this.#lastId};${'x'.repeat(this.#chance.int(0, 40))}`);
    });
  }

  /** The store of a shard answers something. */
  #answer({ thread }: Place): void {
    if (thread === undefined || thread.store.waiting === 0) return;
    // A shard that begins would end with a failure, which is another story.
    const fails = this.#mayFail && thread.state === 'works' && this.#chance.once(12);
    const failure = fails ? new Error('Too many open files') : undefined;
    thread.store.answer(this.#chance.int(0, thread.store.waiting - 1), failure);
  }

  /** All shards are asked whether they have worked off everything. */
  #flush(): void {
    const world = this.#world;
    if (world.disk.takesNothing) return;
    this.#flushes++;
    const answered = this.#witness.flushAsked();
    world.lives
      .flushed()
      .then((flushed) => {
        if (world === this.#world) this.#flushes--;
        answered(flushed);
      })
      .catch((error: unknown) => world.accuse(error));
  }

  /** The whole broker is gone from one moment to the next, and the machine with it. */
  #kill(): void {
    this.#begin(this.#world.disk.crash((of) => this.#chance.int(0, of)));
    this.#witness.noteKill();
  }

  /** The broker ends in order: everything it has taken is delivered, or on disk. */
  async #stop(): Promise<void> {
    const world = this.#world;
    const witness = this.#witness;
    world.disk.full = false;
    // One may be under way that has begun too early.
    for (let times = 0; times < 2; times++) {
      world.reopen();
      await world.settle();
    }
    witness.check();
    witness.checkRemoved();
    witness.checkNames();
    if (this.#flushes > 0) throw new Error('shards were asked, and have not answered');
    for (const session of world.sessions.values()) session.end();
    await world.settle();
    for (const session of world.sessions.values()) if (!session.left) session.abandon();
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
