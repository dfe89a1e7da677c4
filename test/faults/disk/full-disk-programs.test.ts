/** A full disk, as programs see it: durable messages are refused, sessions live, and nothing accepted is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { SmallDisk } from '../../helpers/faults/disk.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';

const DISK_MIB = 24;
const CYCLES = fastOrLong(2, 4);
const UNDECIDED_MS = 100;
/** Sent at once, so that some are being stored when the disk becomes full. */
const AT_ONCE = 10;
/** Short, so that all of them fit the window of a program that acknowledges nothing. */
const BODY = 'x'.repeat(100);

type Outcome = 'held' | 'unstored' | 'taken' | 'full';

/** One that sends durable messages, and notes what became of each, by id. */
class Sender {
  readonly outcomes = new Map<string, Outcome | undefined>();
  readonly program: ProgramPeer;
  #read = 0;

  constructor(program: ProgramPeer) {
    this.program = program;
  }

  /** Sends to a name until a message has this outcome. Some that are being stored then may have none yet. */
  async sendUntil(wanted: Outcome, to: string, durable = true): Promise<void> {
    for (let found = false; !found; ) {
      const ids = Array.from({ length: AT_ONCE }, (_, i) => `${to} ${this.outcomes.size + i}`);
      for (const id of ids) this.outcomes.set(id, undefined);
      this.program.say(...ids.map((id) => ({ type: 'send', id, to, body: `${id} ${BODY}`, durable })));
      const end = performance.now() + paced(UNDECIDED_MS);
      while (!found && performance.now() < end) {
        await sleep(1);
        this.read();
        found = ids.some((id) => this.outcomes.get(id) === wanted);
      }
    }
  }

  /** Notes the answers that have come. @returns whether there is one for each message */
  read(): boolean {
    for (const { id, to } of this.program.of('accepted').slice(this.#read)) {
      this.#read++;
      expect(this.outcomes.get(String(id)), `the outcome of ${id} before`).toBe(undefined);
      const [outcome] = Object.values(to as Record<string, Outcome>);
      this.outcomes.set(String(id), outcome);
    }
    return this.#read === this.outcomes.size;
  }

  /** The ids for a name with this outcome, in order. */
  idsOf(to: string, outcome: Outcome): string[] {
    return [...this.outcomes].filter(([id, is]) => id.startsWith(`${to} `) && is === outcome).map(([id]) => id);
  }
}

const idsIn = (program: ProgramPeer) => program.bodies.map((body) => String(body).split(' ', 2).join(' '));

it(`durable messages of programs are refused while the disk is full, and none that was accepted is lost, over ${CYCLES} times and a kill`, {
  timeout: paced(CYCLES * 120_000),
}, async (context) => {
  const mounted = SmallDisk.mount(DISK_MIB);
  if (typeof mounted === 'string') return context.skip(mounted);
  using disk = mounted;
  const folder = `${disk.path}/data`;
  let held: string[] = [];
  let refused: string[] = [];
  {
    await using broker = await FaultBroker.start(folder);
    const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 10_000 });
    const carol = await ProgramPeer.hello(broker, { name: 'carol' });
    carol.peer.end();
    await carol.peer.gone();
    const sender = new Sender(await ProgramPeer.hello(broker, { name: 'ann' }));
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      for (const to of ['bob', 'carol']) await sender.sendUntil('held', to);
      disk.fill();
      for (const to of ['bob', 'carol']) await sender.sendUntil('unstored', to);
      // What needs no disk goes on, in the same sessions.
      await sender.sendUntil('taken', 'bob', false);
      for (const program of [sender.program, bob]) {
        program.say({ type: 'ping' });
        await program.got('pong', cycle + 1);
      }
      disk.free();
      await until(() => sender.read(), 'all outcomes');
      for (const to of ['bob', 'carol']) await sender.sendUntil('held', to);
      await until(() => sender.read(), 'all outcomes');
    }
    held = [...sender.idsOf('bob', 'held'), ...sender.idsOf('carol', 'held')];
    refused = [...sender.idsOf('bob', 'unstored'), ...sender.idsOf('carol', 'unstored')];
    const all = [...sender.outcomes.keys()].filter((id) => id.startsWith('bob ') && !refused.includes(id));
    await bob.got('message', all.length);
    expect(idsIn(bob)).toEqual(all);
    expect([...sender.outcomes.values()].filter((is) => is === undefined || is === 'full')).toEqual([]);
    expect(refused.length).toBeGreaterThanOrEqual(2 * CYCLES);
    await broker.kill();
  }
  await using broker = await FaultBroker.start(folder);
  const back: string[] = [];
  for (const name of ['bob', 'carol']) {
    const program = await ProgramPeer.hello(broker, { name, window: 10_000 });
    const waiting = Number(program.of('welcome')[0]?.waiting);
    await program.got('message', waiting);
    back.push(...idsIn(program));
  }
  expect(back.filter((id) => held.includes(id))).toEqual(held);
  expect(back.filter((id) => refused.includes(id))).toEqual([]);
});
