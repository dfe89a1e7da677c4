/**
 * Random and mutated sessions, many at a time: no crash, no malformed batch, bounded memory, and other peers chat on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { AS_STARTED, FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong } from '../../helpers/faults/chat.ts';
import { fuzzSession, playFuzz } from '../../helpers/faults/fuzz.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';

const AT_A_TIME = 16;
/** Long enough to find something. RESTANTE_FUZZ_SECONDS sets a longer time, such as a night. */
const FUZZ_MS = Number(process.env.RESTANTE_FUZZ_SECONDS ?? fastOrLong(4, 60)) * 1_000;
const SETTINGS = { ...AS_STARTED, MAX_CONNECTIONS: '200', MAX_NAMES: '1000' };

it.each(['on', 'off'])(
  'random sessions do no harm, STRICT=%s',
  { timeout: paced(FUZZ_MS + 120_000) },
  async (STRICT) => {
    const choices = new Choices();
    using folder = temporaryFolder();
    const ledger = new Ledger();
    using peers = new Peers(ledger);
    await using broker = await FaultBroker.start(folder.path, { ...SETTINGS, STRICT, LOG_LEVEL: 'info' });
    const game = await PingPong.start(peers, broker.port, '~by');
    let sessions = 0;
    let peakMiB = 0;
    const until = performance.now() + FUZZ_MS;
    const player = async () => {
      for (; performance.now() < until && broker.process.running; sessions++) {
        await playFuzz(broker.port, fuzzSession(choices), choices);
      }
    };
    const watcher = async () => {
      for (; performance.now() < until && broker.process.running; await sleep(100)) {
        peakMiB = Math.max(peakMiB, broker.residentMiB);
      }
    };
    await Promise.all([watcher(), ...Array.from({ length: AT_A_TIME }, player)]);
    const said = `seed ${choices.seed}, ${sessions} sessions, ${Math.round(peakMiB)} MiB`;
    await game.stop(1);
    const { code } = await broker.terminate();
    expect([code, broker.process.stderr], said).toEqual([0, '']);
    expect(broker.process.stdout, said).not.toMatch(/"level":[56]0|malformed/);
    const bound = Number(/memory is bound to (\d+) MiB/.exec(broker.process.stdout)?.[1]);
    expect(peakMiB, said).toBeLessThan(bound);
    expect(ledger.faults(), said).toEqual([]);
    expect(sessions, said).toBeGreaterThan(AT_A_TIME);
  },
);
