/** What shows that a setting of the main thread has changed, for sessions that were there and for new ones. */
import { expect } from 'vitest';
import { createLog } from '../../../../src/shared/common/log/log.ts';
import { FarPlace } from '../../../helpers/faults/network.ts';
import { numbered } from '../../../helpers/mail.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { Peer } from '../../../helpers/peer.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { until } from '../../../helpers/until.ts';
import { ChangingBroker } from './probe.ts';

const LONG = 100_000;
const FULL = '* more than 2 connections\n';

export const BROKER_PROBES = {
  LOG_LEVEL: async () => {
    const log = createLog('silent');
    await using broker = await ChangingBroker.start({}, log);
    expect(log.isLevelEnabled('fatal')).toBe(false);
    await broker.change({ LOG_LEVEL: 'error' });
    expect([log.isLevelEnabled('error'), log.isLevelEnabled('warn')]).toEqual([true, false]);
  },
  MAX_CONNECTIONS: async () => {
    await using broker = await ChangingBroker.start({ MAX_CONNECTIONS: 2 });
    const peers = [await broker.test.peer('a'), await broker.test.peer('b')];
    await (await broker.test.connect()).got(FULL);
    await broker.change({ MAX_CONNECTIONS: 3 });
    peers.push(await broker.test.peer('c'));
    // A lower limit is for who comes.
    await broker.change({ MAX_CONNECTIONS: 2 });
    await (await broker.test.connect()).got(FULL);
    expect(peers.map(({ sawEnd, closed }) => sawEnd || closed)).toEqual([false, false, false]);
  },
  NAME_TIMEOUT_SECONDS: async () => {
    await using broker = await ChangingBroker.start({ NAME_TIMEOUT_SECONDS: LONG });
    const early = await broker.test.connect();
    await broker.change({ NAME_TIMEOUT_SECONDS: 0.05 });
    const late = await broker.test.connect();
    await late.got('* no name within 0.05 seconds\n');
    expect(early.received).toBe('');
    early.send('early\n');
    await early.got('* you are early\n');
  },
  MAX_DESTINATIONS: async () => {
    await using broker = await ChangingBroker.start({ MAX_DESTINATIONS: 2 });
    const early = await broker.test.peer('early');
    await broker.change({ MAX_DESTINATIONS: 1 });
    const late = await broker.test.peer('late');
    late.send('late, early: two\n');
    await late.got('* line to more than 1 names: nothing of it is sent\n');
    early.send('late, early: two\n');
    await late.got('from early: two\n');
    expect(early.received).toBe('from early: two\n');
  },
  PING_SECONDS: async () => {
    await using broker = await ChangingBroker.start({ PING_SECONDS: LONG });
    const early = await ProgramPeer.hello(broker.test, { name: 'early' });
    await broker.change({ PING_SECONDS: 1 });
    const late = await ProgramPeer.hello(broker.test, { name: 'late' });
    await late.got('ping');
    expect([early, late].map((program) => program.of('welcome')[0]?.ping)).toEqual([LONG, 1]);
    expect(early.of('ping')).toEqual([]);
    for (const { peer } of [early, late]) peer.destroy();
  },
  PEER_SILENT_SECONDS: async () => {
    await using place = await FarPlace.make();
    // Without the right to pull a cable, test/unit/transport/silent-peers.test.ts is all there is.
    if (place === undefined) return;
    await using broker = await ChangingBroker.start({ HOST: '0.0.0.0', PEER_SILENT_SECONDS: LONG, DRAIN_SECONDS: 2 });
    await place.client('bob', broker.test.port);
    const second = await broker.test.peer('bob');
    await second.got('* bob is taken: you wait until it is free\n');
    place.cutOff();
    const alice = await broker.test.peer('alice');
    alice.send('bob: lost on its way\n');
    await broker.test.broker.flushed();
    await broker.change({ PEER_SILENT_SECONDS: 1 });
    await second.got('* bob is yours now');
  },
  HTTP_ORIGINS: async () => {
    await using broker = await ChangingBroker.start({});
    const headers = { origin: 'https://chat.example' };
    const status = async () => (await fetch(`${broker.test.broker.httpUrl}/livez`, { headers })).status;
    expect(await status()).toBe(403);
    await broker.change({ HTTP_ORIGINS: ['https://chat.example'] });
    expect(await status()).toBe(200);
    await broker.change({});
    expect(await status()).toBe(403);
  },
  DRAIN_SECONDS: async () => {
    await using broker = await ChangingBroker.start({ DRAIN_SECONDS: LONG, HOLD_SECONDS: 0 });
    const frozen = await Peer.connect(broker.test.port);
    frozen.send('frozen\nfrozen: echo\n');
    await frozen.got('from frozen: echo\n');
    frozen.freeze();
    const alice = await broker.test.peer('alice');
    alice.send(`${numbered('frozen', 0, 200, 50_000)}alice: done\n`);
    await alice.got('from alice: done\n');
    await broker.change({ DRAIN_SECONDS: paced(1) });
    // With the old value it would take a day.
    await broker.test.broker.stop();
    await until(() => alice.sawEnd, 'the end of the broker');
    frozen.destroy();
  },
};
