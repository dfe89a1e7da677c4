/**
 * A reader with TLS that stops reading, and a broker that ends meanwhile. What lay in the buffer of TLS is lost with
 * the process, so it must not have counted as written: the reader finds every message, either in what the system had
 * taken for it, or from the next broker.
 */
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { Peer } from '../../helpers/peer.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { Certificates } from '../../helpers/programs/tls/made.ts';

const BODY = 'x'.repeat(4_000);
/** More than the system takes for a peer that does not read: some MiB. */
const MESSAGES = 4_000;
const ROUNDS = fastOrLong(1, 5);
const SETTINGS = { MAILBOX_MAX_MESSAGES: 'unlimited', MAILBOX_MAX_BYTES: 'unlimited', DRAIN_SECONDS: String(paced(2)) };

function securePort({ process }: FaultBroker): number {
  return Number(/listening with TLS on 127\.0\.0\.1:(\d+)/.exec(process.stdout)?.[1]);
}

async function bobAt(broker: FaultBroker, { ca }: Certificates): Promise<Peer> {
  const bob = await Peer.connectSecurely(securePort(broker), { ca });
  bob.send('bob\n');
  await bob.got('* you are bob');
  return bob;
}

/** Durable messages, so that a broker that is killed has them all. */
async function sendAll(broker: FaultBroker): Promise<ProgramPeer> {
  const alice = await ProgramPeer.hello(broker, { name: 'alice' });
  for (let i = 0; i < MESSAGES; i++) {
    alice.say({ type: 'send', id: `${i}`, to: ['bob'], body: `${i} ${BODY}`, durable: true });
  }
  await alice.got('accepted', MESSAGES);
  return alice;
}

/** The numbers of the whole lines that a reader got. */
function numbersOf({ received }: Peer): number[] {
  const whole = received.slice(0, received.lastIndexOf('\n') + 1);
  return [...whole.matchAll(/^from alice: (\d+) /gm)].map(([, number]) => Number(number));
}

it.each(Array.from({ length: ROUNDS }, () => ['terminate', 'kill'] as const).flat())(
  'no message for a frozen reader is lost in the buffer of TLS: %s',
  { timeout: paced(120_000) },
  async (end) => {
    using certificates = await Certificates.make();
    using folder = temporaryFolder();
    const settings = { ...certificates.settings, ...SETTINGS };
    let first: number[];
    {
      await using broker = await FaultBroker.start(folder.path, settings);
      const bob = await bobAt(broker, certificates);
      bob.freeze();
      const alice = await sendAll(broker);
      await broker[end]();
      bob.freeze(false);
      await bob.gone();
      first = numbersOf(bob);
      bob.destroy();
      alice.peer.destroy();
    }
    await using broker = await FaultBroker.start(folder.path, settings);
    const bob = await bobAt(broker, certificates);
    await bob.got(`from alice: ${MESSAGES - 1} `);
    const second = numbersOf(bob);
    bob.destroy();
    const all = (from: number) => Array.from({ length: MESSAGES - from }, (_, i) => from + i);
    // The system had taken some, and not all.
    expect(first).toEqual(all(0).slice(0, first.length));
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(MESSAGES);
    expect(second).toEqual(all(second[0] ?? 0));
    expect(second[0]).toBeLessThanOrEqual(first.length);
  },
);
