/** A simulated life of a broker: random steps from a seed, and after each of them what must be true. */
import type { ShardStats } from '../../../src/shared/wire/control.ts';
import { nameOfIndexKey, readIndexValue, readMessage, readMessageKey } from '../../../src/store/format.ts';
import { Disk } from '../world/disk.ts';
import { UNREPORTED_BYTES } from '../world/session.ts';
import { Time } from '../world/time.ts';
import { nextTurn, type Place, type SimSession, World, type WorldSettings } from '../world/world.ts';
import { Chance } from './chance.ts';
import { type Copy, idsIn, keyOf, Ledger } from './ledger.ts';

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
  restart: 6,
  kill: 1,
  stop: 1,
} as const;

export class Run {
  readonly #chance: Chance;
  readonly #ledger = new Ledger();
  #world: World;
  readonly #time = new Time();
  #lastId = 0;
  readonly #mayFill: boolean;
  /** Names may be too many, so that those that are away with nothing waiting are forgotten. */
  readonly #mayForget: boolean;
  readonly #mayFail: boolean;
  /** Messages that vanished from the disk between two lives: they may be said to be damaged. */
  #vanished = 0;
  #refusedBefore = 0;
  /** Copies that wait for a shard which may not know their name any more. */
  #mayBeUnknown = 0;
  #lastSender = 0;
  readonly #senders = new Map<SimSession, number>();
  /** How many copies had been sent when each session came. */
  readonly #sentBefore = new WeakMap<SimSession, number>();
  /** How much of what each session took has been entered. */
  readonly #seen = new Map<SimSession, number>();
  /** Names whose shard knows them in this life: mail for them must be held. */
  readonly #known = new Set<string>();
  steps = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#mayFill = this.#chance.once(3);
    this.#mayFail = this.#chance.once(3);
    this.#mayForget = this.#chance.once(3);
    this.#world = this.#newWorld(new Disk());
  }

  get delivered(): number {
    return this.#ledger.taken.size;
  }

  /** One random step. @throws what must not be */
  async step(): Promise<void> {
    this.steps++;
    await this.#doStep(this.#chance.weighted(WEIGHTS));
    this.#check();
  }

  /** Ends in order, begins again, and lets every name come and read all it has. @throws what must not be */
  async finish(): Promise<void> {
    await this.#stop();
    const world = this.#world;
    await world.settle();
    const last = NAMES.map((name) => this.#attach(name));
    for (const { socket } of last) socket.mood = 'takes';
    if (this.#mayFail) world.disk.badReads = this.#chance.int(0, 3);
    // Who only comes to fetch its mail ends its side at once.
    if (this.#chance.once(2)) for (const session of last) session.endStream();
    await world.settle();
    this.#check();
    this.#expectNone([...this.#ledger.missing()], 'lost');
    for (const session of last) session.end();
    await world.settle();
    this.#check();
    const left = [...this.#onDisk()].length;
    if (left > 0) throw new Error(`${left} messages are left in the store, and nobody has them to come`);
    for (const { shard, budget } of world.places) {
      if (shard?.stats().heldMessages !== 0 || budget.used !== 0)
        throw new Error('something is held, and nothing is there');
      if (shard.stats().attachments !== 0) throw new Error('an attachment was never settled');
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
        world.workShard(place);
        return;
      case 'shardTurn':
        world.endShardTurn(place);
        return;
      case 'workMain':
        world.workMain(place);
        return;
      case 'answer':
        if (place.store.waiting > 0) place.store.answer(chance.int(0, place.store.waiting - 1), this.#failure(place));
        if (!place.ready) await nextTurn();
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
        if (!world.disk.full) world.resumeStores();
        return;
      case 'reopen':
        if (!world.disk.full) world.resumeStores();
        return;
      case 'jump':
        this.#time.jump(chance.int(-3, 3) * JUMP_SECONDS);
        return;
      case 'crash':
        this.#crashShard(place);
        return;
      case 'restart':
        for (const each of world.places) world.startShard(each);
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
    const chance = this.#chance;
    const settings: WorldSettings = {
      shards: chance.int(1, 3),
      holdSeconds: HOLD_SECONDS,
      notices: true,
      strict: chance.once(2),
      mailboxMaxMessages: Number.POSITIVE_INFINITY,
      mailboxMaxBytes: Number.POSITIVE_INFINITY,
      writeWindowBytes: chance.of([1, 60, 200]),
      firstWindowBytes: chance.of([1, 60]),
      headBytes: chance.of([1, 50, 150, 10_000]),
      memoryBytes: chance.of([0, 200, 10_000]),
      fullMemoryBytes: chance.of([0, 100, 1000, Number.POSITIVE_INFINITY]),
      handedBytes: chance.of([0, 100, Number.POSITIVE_INFINITY]),
      unreportedBytes: UNREPORTED_BYTES,
      reservePercent: 0,
      maxNames: this.#mayForget ? chance.of([1, 2]) : Number.POSITIVE_INFINITY,
      partCostBytes: chance.of([1, 1_000, 100_000]),
    };
    this.#time.start(disk.state, HOLD_SECONDS);
    const world = new World(settings, disk, this.#time.aged, disk.state?.ended !== true);
    disk.keepState(this.#time.state(false));
    world.onRoute = (sender, to, body) => this.#noteSent(sender, to, body);
    world.onLeave = (session) => this.#checkLeaves(session);
    world.onNotice = (sender, kind, name) => {
      if (kind === 'held') this.#checkHeld(sender, name);
    };
    return world;
  }

  #attach(name: string): SimSession {
    const session = this.#world.attach(name);
    this.#senders.set(session, ++this.#lastSender);
    this.#sentBefore.set(session, this.#ledger.copies.size);
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
      const to = NAMES.filter((name) => this.#known.has(name) && this.#chance.once(3));
      if (to.length === 0 || world.disk.takesNothing) return; // what is refused is counted elsewhere
      session.read(`${to}:#${++this.#lastId};${'x'.repeat(this.#chance.int(0, 40))}`);
    });
  }

  /** A line is routed, perhaps long after it was read: its destinations may have been forgotten by then. */
  #noteSent(session: SimSession, to: readonly string[], body: string): void {
    const { router } = this.#world;
    for (const id of idsIn(body)) {
      for (const name of to) {
        const shard = router.shardOf(Buffer.from(name));
        const { posts } = router.outbox(shard);
        this.#ledger.sent({ id, to: name, sender: this.#senders.get(session) ?? 0, shard, posts });
        if (this.#known.has(name)) continue;
        this.#ledger.mayBeLost.add(keyOf(id, name));
        this.#mayBeUnknown++;
      }
    }
  }

  #check(): void {
    const world = this.#world;
    for (const session of world.sessions.values()) {
      if (session.standing !== 'asked' && !session.left) this.#known.add(session.name.toString());
    }
    for (const session of this.#senders.keys()) this.#note(session);
    for (const { shard, budget, store } of world.places) {
      if (shard === undefined) continue;
      const { heldBytes, memoryBytes, heldMessages, malformed, dropped, namesAway } = shard.stats();
      if (malformed > 0) throw new Error('a record made no sense to its shard');
      if (heldBytes !== budget.used) throw new Error(`${heldBytes} bytes are held, and ${budget.used} counted`);
      if (heldBytes < 0 || heldMessages < 0) throw new Error(`${heldMessages} messages of ${heldBytes} bytes are held`);
      if (memoryBytes < 0 || memoryBytes > heldBytes)
        throw new Error(`${memoryBytes} of ${heldBytes} bytes are counted in memory`);
      if (new Set(store.readFor).size < store.readFor.length)
        throw new Error('the mail of a name is read twice at once');
      if (shard.begun && namesAway > world.settings.maxNames + 1 + heldMessages)
        throw new Error(`${namesAway} names are away and remembered, and ${heldMessages} messages wait`);
      if (heldMessages === 0 && heldBytes !== 0) throw new Error(`${heldBytes} bytes are held, of no message`);
      for (const [reason, count] of Object.entries(dropped)) {
        if (reason === 'the store cannot be written') continue;
        if (reason === 'unknown name' && (this.#mayForget || count <= this.#mayBeUnknown)) continue;
        if (reason === 'damaged in the store' && count <= this.#vanished) continue;
        if (count > 0) throw new Error(`${count} messages were dropped: ${reason}`);
      }
    }
  }

  /** Who has its name, and leaves because its peer has ended its side, has got all that was sent before it came. */
  #checkLeaves(session: SimSession): void {
    if (session.standing !== 'receiving' || this.#refused() > 0) return;
    this.#note(session);
    const before = [...this.#ledger.copies.values()].slice(0, this.#sentBefore.get(session));
    const missing = new Set(this.#ledger.missing());
    for (const copy of before) {
      const left = copy.to === session.name.toString() && missing.has(copy);
      if (left) throw new Error(`${session.number} leaves without ${keyOf(copy.id, copy.to)}`);
    }
  }

  /** Where nothing moves, who came first has its name, and who only came to fetch its mail has it and has left. */
  #checkNames(): void {
    const { settings, sessions } = this.#world;
    const seen = new Set<string>();
    for (const session of [...sessions.values()].sort((a, b) => a.place - b.place)) {
      const { name, standing, left, streamEnded, ended, socket } = session;
      if (left) continue;
      const should = seen.has(`${name}`) ? 'waiting' : 'receiving';
      if (settings.strict && standing !== should)
        throw new Error(`${session.number} is ${standing}, and not ${should}`);
      seen.add(`${name}`);
      // Who was promised mail that has vanished from the disk waits for it until its leave time-out.
      if (streamEnded && !ended && !socket.busy && this.#vanished === 0)
        throw new Error(`${session.number} has got its mail, and does not leave`);
    }
  }

  /** What was taken is not in the store, as soon as nothing moves any more. */
  #checkRemoved(): void {
    for (const key of this.#onDisk()) {
      const mustBeGone = this.#ledger.taken.has(key) && !this.#ledger.excused.has(key);
      if (mustBeGone) throw new Error(`${key} was taken, and is on disk still`);
    }
  }

  /** After a stop in order the index says exactly what mail there is. */
  #checkIndex(): void {
    const found = new Map<string, { count: number; bytes: number }>();
    for (const [key, value] of this.#world.disk.entries('now')) {
      const name = readMessageKey(key)?.name;
      const message = readMessage(key, value);
      if (name === undefined || message === undefined) continue;
      const sum = found.get(`${Buffer.from(name)}`) ?? { count: 0, bytes: 0 };
      found.set(`${Buffer.from(name)}`, { count: sum.count + 1, bytes: sum.bytes + message.frame.length });
    }
    for (const [key, value] of this.#world.disk.entries('now')) {
      const name = nameOfIndexKey(key);
      if (name === undefined) continue;
      const record = readIndexValue(value);
      const { count, bytes } = found.get(`${Buffer.from(name)}`) ?? { count: 0, bytes: 0 };
      // One that says it may be old is not trusted, and need not be exact.
      if (record?.present === true || (record?.count === count && record.bytes === bytes)) continue;
      // What has vanished is noticed when it is read, or when all mail is counted.
      if (record !== undefined && record.count > count && record.count - count <= this.#vanished) continue;
      throw new Error(
        `the index says ${JSON.stringify(record)} ${Buffer.from(value).toString('hex')} of ${Buffer.from(name)}: ${count} messages of ${bytes} bytes`,
      );
    }
  }

  /** Enters what the kernel took for a session since it was looked at last. */
  #note(session: SimSession): void {
    const { taken } = session.socket;
    const seen = this.#seen.get(session) ?? 0;
    if (taken.length > seen) this.#ledger.took(session.name.toString(), taken.slice(seen));
    this.#seen.set(session, taken.length);
    if (session.left && this.#world.sessions.get(session.number) === undefined) {
      this.#senders.delete(session);
      this.#seen.delete(session);
    }
  }

  /** Somebody is told that mail of its is held: some of it is on disk to stay, or has been taken already. */
  #checkHeld(sender: SimSession, name: string): void {
    const number = this.#senders.get(sender);
    const synced = new Set(this.#onDisk('synced'));
    for (const [key, copy] of this.#ledger.copies) {
      if (copy.sender !== number || copy.to !== name) continue;
      if (synced.has(key) || this.#ledger.taken.has(key)) return;
    }
    for (const { name: to, handed } of this.#world.sessions.values()) {
      if (to.toString() === name && idsIn(handed).length > 0) return;
    }
    throw new Error(`mail for ${name} is called held, and none is on disk`);
  }

  /** The copies that the store has. */
  *#onDisk(which: 'now' | 'synced' = 'now'): Generator<string> {
    for (const [key, value] of this.#world.disk.entries(which)) {
      const name = readMessageKey(key)?.name;
      if (name === undefined) continue;
      for (const id of idsIn(Buffer.from(value).toString('latin1'))) yield keyOf(id, Buffer.from(name).toString());
    }
  }

  #crashShard(place: Place): void {
    const world = this.#world;
    if (place.shard === undefined) return;
    world.crashShard(place);
    this.#check();
    const safe = new Set(this.#onDisk());
    for (const session of world.sessions.values()) if (session.shard === place.index) this.#inHand(session, safe);
    const known = new Set<string>();
    for (const [key] of world.disk.entries('now'))
      if (key[0] === 0x6e) known.add(Buffer.from(key.subarray(1)).toString());
    for (const { name } of world.sessions.values()) known.add(Buffer.from(name).toString());
    // A word of what was written can be lost with the shard; while the session is there, it is said again.
    const said = new Set<string>();
    for (const session of world.sessions.values())
      for (const id of idsIn(session.handed)) said.add(keyOf(id, `${session.name}`));
    for (const key of safe) if (this.#ledger.taken.has(key) && !said.has(key)) this.#ledger.excused.add(key);
    for (const copy of this.#ledger.missing()) {
      if (copy.shard !== place.index) continue;
      const key = keyOf(copy.id, copy.to);
      const waits = copy.posts === place.outbox.posts && known.has(copy.to);
      if (!waits && !safe.has(key)) this.#ledger.mayBeLost.add(key);
      if (copy.posts === place.outbox.posts && !known.has(copy.to)) this.#mayBeUnknown++;
    }
    for (const name of NAMES) {
      if (world.router.shardOf(Buffer.from(name)) === place.index && !known.has(name)) this.#known.delete(name);
    }
  }

  /** Adds what a session has been handed, and what it has given back that is not posted yet. */
  #inHand(session: SimSession, safe: Set<string>): void {
    const name = session.name.toString();
    const { posts } = this.#world.router.outbox(session.shard);
    const back = new Set(session.returned.filter((each) => each.posts < posts).flatMap(({ text }) => idsIn(text)));
    for (const id of idsIn(session.handed)) if (!back.has(id)) safe.add(keyOf(id, name));
  }

  /** The whole broker is gone from one moment to the next, and the machine with it. */
  #kill(): void {
    const disk = this.#world.disk.crash((of) => this.#chance.int(0, of));
    this.#damage(disk);
    this.#begin(disk);
    const safe = new Set(this.#onDisk());
    for (const key of safe) if (this.#ledger.taken.has(key)) this.#ledger.excused.add(key);
    for (const copy of this.#ledger.missing()) {
      const key = keyOf(copy.id, copy.to);
      if (!safe.has(key)) this.#ledger.mayBeLost.add(key);
    }
  }

  /** The broker ends in order: everything it has taken is delivered, or on disk. */
  async #stop(): Promise<void> {
    const world = this.#world;
    world.disk.full = false;
    world.disk.broken = false;
    for (const place of world.places) world.startShard(place);
    world.resumeStores();
    await world.settle();
    this.#check();
    this.#checkRemoved();
    this.#checkNames();
    for (const session of world.sessions.values()) session.end();
    await world.settle();
    for (const session of world.sessions.values()) if (!session.left) session.abandon();
    await world.settle();
    world.drain();
    await world.settle();
    this.#check();
    for (const { shard } of world.places) if (shard?.drained !== true) throw new Error('a shard does not drain');
    const safe = new Set(this.#onDisk('synced'));
    this.#checkIndex();
    const missing = [...this.#ledger.missing()].filter(({ id, to }) => !safe.has(keyOf(id, to)));
    this.#expectNone(missing, 'not on disk after a stop in order');
    this.#checkRemoved();
    world.disk.keepState(this.#time.state(true));
    const disk = world.disk.crash((of) => of);
    this.#damage(disk);
    this.#begin(disk);
  }

  /**
   * What LevelDB passes over without a word: some messages are not there any more, and their index does not know it.
   */
  #damage(disk: Disk): void {
    if (!this.#chance.once(6)) return;
    for (const [key, value] of [...disk.entries('now')]) {
      const name = readMessageKey(key)?.name;
      if (name === undefined || !this.#chance.once(3)) continue;
      for (const id of idsIn(Buffer.from(value).toString('latin1')))
        this.#ledger.mayBeLost.add(keyOf(id, `${Buffer.from(name)}`));
      disk.lose(key);
      this.#vanished++;
    }
  }

  /**
   * Now and then the store cannot do what it is asked. A shard that begins would end with that, which is another story.
   */
  #failure({ ready }: Place): Error | undefined {
    return this.#mayFail && ready && this.#chance.once(12) ? new Error('Too many open files') : undefined;
  }

  /** No copy may be missing, but as many as were refused because the disk was full. */
  #expectNone(missing: readonly Copy[], what: string): void {
    const refused = this.#refused();
    const [first] = missing;
    if (missing.length <= refused || first === undefined) return;
    throw new Error(`${keyOf(first.id, first.to)} is ${what}: one of ${missing.length}, and ${refused} were refused`);
  }

  /** Messages that were refused because the disk was full, or whose name may have been forgotten. */
  #refused(): number {
    const lives = [...this.#world.past, ...this.#world.places.flatMap(({ shard }) => shard?.stats() ?? [])];
    const refused = ({ dropped }: ShardStats) =>
      dropped['the store cannot be written'] + (this.#mayForget ? dropped['unknown name'] : 0);
    return lives.reduce((sum, stats) => sum + refused(stats), this.#refusedBefore);
  }

  #begin(disk: Disk): void {
    this.#refusedBefore = this.#refused();
    this.#senders.clear();
    this.#seen.clear();
    this.#known.clear();
    this.#world = this.#newWorld(disk);
  }
}
