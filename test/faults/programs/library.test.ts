/** The client library on a network that is at its worst, and with a broker that is killed again and again. */
import { expect, it } from 'vitest';
import { newAuthority } from '../../../src/tools/cli/restante/commands/certs/authority.ts';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { Relay } from '../../helpers/programs/relay.ts';
import { TlsFront } from '../../helpers/programs/tls/tls-front.ts';
import { until } from '../../helpers/until.ts';
import { Sender, Worker } from './errands.ts';
import { Havoc } from './havoc.ts';

const MESSAGES = fastOrLong(3_000, 100_000);
const CUTS = fastOrLong(40, 1_000);
const KILLS = fastOrLong(2, 20);
/** Ann stays below this limit, and Dan does not. */
const MAILBOX_MAX_MESSAGES = 500;
const AHEAD = 250;
const LIMIT_MS = fastOrLong(120_000, 1_800_000);

/** A broker that is killed and started again, on one folder and one port. */
class Lives implements AsyncDisposable {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #folder: string;
  #broker: FaultBroker;

  private constructor(folder: string, settings: Readonly<Record<string, string>>, broker: FaultBroker) {
    this.#folder = folder;
    this.#settings = settings;
    this.#broker = broker;
  }

  static async begin(folder: string): Promise<Lives> {
    const settings = {
      PORT: String(await freePort()),
      MAILBOX_MAX_MESSAGES: String(MAILBOX_MAX_MESSAGES),
      LOG_LEVEL: 'info',
    };
    return new Lives(folder, settings, await FaultBroker.start(folder, settings));
  }

  get port(): number {
    return this.#broker.port;
  }

  async kill(): Promise<void> {
    await this.#broker.kill();
    this.#broker = await FaultBroker.start(this.#folder, this.#settings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
  }
}

it(`of ${MESSAGES} messages over ${CUTS} cuts and ${KILLS} kills, each accepted one is worked off once, in order, and no refused one`, {
  timeout: paced(LIMIT_MS + 60_000),
}, async () => {
  const choices = new Choices();
  using folder = temporaryFolder();
  await using broker = await Lives.begin(folder.path);
  await using toAnn = await Relay.to(broker.port);
  await using toBob = await Relay.to(broker.port);
  // Dan and Eve speak TLS, and their connections are cut in the middle of its records.
  const authority = await newAuthority();
  await using front = await TlsFront.to(broker.port, await authority.forHosts(['127.0.0.1']));
  const tls = { ca: authority.cert };
  await using toDan = await Relay.to(front.port);
  await using toEve = await Relay.to(front.port);
  const overTls = ({ url }: Relay) => ({ url: url.replace('tcp:', 'tls:'), tls, choices });
  let isRefused = false;
  const bob = await Worker.start('bob', { url: toBob.url, choices });
  const eve = await Worker.start('eve', { ...overTls(toEve), begins: () => isRefused });
  const ann = await Sender.start({ url: toAnn.url, choices }, 'ann', 'bob');
  const dan = await Sender.start(overTls(toDan), 'dan', 'eve');
  const havoc = new Havoc(choices, [toAnn, toBob, toDan, toEve]);
  // A refused message that a relay says again could be taken then. So only Ann's are, who is never refused.
  havoc.repeat(toAnn);
  const progress = () => bob.worked.length + eve.worked.length;
  let kills = 0;
  const stops = () => progress() >= MESSAGES && havoc.cuts >= CUTS && kills >= KILLS;
  // Each time that Dan is refused, he lets Eve work off what she has before he goes on.
  let refused = 0;
  const isFull = () => {
    isRefused ||= dan.counts.refused > 0;
    const caughtUp = eve.worked.length >= dan.counts.accepted;
    if (caughtUp) refused = dan.counts.refused;
    return dan.counts.refused > refused;
  };
  const sending = [ann.run(stops, () => ann.sent - bob.worked.length >= AHEAD), dan.run(stops, isFull)];
  const killing = (async () => {
    for (; kills < KILLS; kills++) {
      await until(() => progress() >= (MESSAGES * (kills + 1)) / (KILLS + 1), `kill ${kills}`, LIMIT_MS);
      await broker.kill();
    }
  })();
  await Promise.all([...sending, killing]);
  havoc[Symbol.dispose]();
  const ends = [await ann.end(), await dan.end()];
  await until(() => ends.every((end) => [...bob.worked, ...eve.worked].includes(end)), 'the last messages');
  await bob[Symbol.asyncDispose]();
  await eve[Symbol.asyncDispose]();
  const figures = JSON.stringify({
    seed: choices.seed,
    cuts: havoc.cuts,
    repeats: havoc.repeats,
    ann: ann.counts,
    dan: dan.counts,
    dropped: [bob.dropped, eve.dropped],
    lives: [bob.lives, eve.lives],
  });
  expect([...ann.faults(bob.worked), ...dan.faults(eve.worked)], figures).toEqual([]);
  expect(ann.counts.refused, figures).toBe(0);
  for (const { counts } of [ann, dan]) expect(counts.accepted, figures).toBeGreaterThan(MESSAGES / 10);
  for (const count of [dan.counts.refused, ann.counts.unknown, havoc.repeats, bob.dropped]) {
    expect(count, figures).toBeGreaterThan(0);
  }
  for (const name of ['bob', 'eve']) {
    expect((await ProgramPeer.hello(broker, { name })).of('welcome'), name).toMatchObject([{ waiting: 0 }]);
  }
});
