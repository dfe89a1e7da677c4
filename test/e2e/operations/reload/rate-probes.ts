/** What shows that a limit of an address or of an account has changed, also for sessions that were there before. */
import { expect } from 'vitest';
import type { Config } from '../../../../src/shared/common/config.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { provenHello, TAKES_JWT } from '../../transports/crowds/jwt.ts';
import { ChangingBroker } from './probe.ts';

type Settings = Partial<Record<keyof Config, string | number>>;
type Limit = Extract<keyof Config, `${'ADDRESS' | 'ACCOUNT'}_${string}`>;

const ON: Settings = { ...TAKES_JWT, RATE_LOOPBACK: 'on', RATE_BURST_SECONDS: 1 };
const LIFTED = Number.POSITIVE_INFINITY;

/** With the limit, a second connection is refused; once it is lifted, a third one is not. */
function letsIn(name: Limit, says: string) {
  return async () => {
    await using broker = await ChangingBroker.start({ ...ON, [name]: 1 });
    const comes = async () => {
      const peer = await broker.test.connect();
      return peer.send(`${JSON.stringify({ type: 'hello', v: 1, ...(await provenHello('bob')) })}\n`);
    };
    await (await comes()).got('"welcome"');
    await (await comes()).got(says);
    await broker.change({ [name]: LIFTED });
    await (await comes()).got('"welcome"');
  };
}

/** With the limit, a session that was there is slowed; with the change, it goes on at once. */
function goesOn(settings: Settings, change: Partial<Config>, body = '') {
  return async () => {
    await using broker = await ChangingBroker.start({ ...ON, ...settings });
    const bob = await ProgramPeer.hello(broker.test, await provenHello('bob'));
    bob.say(...Array.from({ length: 200 }, (_, i) => ({ type: 'send', to: ['bob'], body: `${i}${body}` })));
    await bob.got('notice');
    await broker.change(change);
    await bob.got('message', 200);
    bob.peer.destroy();
  };
}

export const RATE_PROBES = {
  ADDRESS_CONNECTIONS: letsIn('ADDRESS_CONNECTIONS', '* more than 1 connections from your address'),
  ADDRESS_CONNECTIONS_A_MINUTE: letsIn('ADDRESS_CONNECTIONS_A_MINUTE', '* too many new connections'),
  ACCOUNT_CONNECTIONS_A_MINUTE: letsIn('ACCOUNT_CONNECTIONS_A_MINUTE', 'TOO_OFTEN'),
  ADDRESS_MESSAGES_A_SECOND: goesOn({ ADDRESS_MESSAGES_A_SECOND: 1 }, { ADDRESS_MESSAGES_A_SECOND: LIFTED }),
  ACCOUNT_MESSAGES_A_SECOND: goesOn({ ACCOUNT_MESSAGES_A_SECOND: 1 }, { ACCOUNT_MESSAGES_A_SECOND: LIFTED }),
  ADDRESS_BYTES_A_SECOND: goesOn({ ADDRESS_BYTES_A_SECOND: 1024 }, { ADDRESS_BYTES_A_SECOND: LIFTED }),
  ACCOUNT_BYTES_A_SECOND: goesOn({ ACCOUNT_BYTES_A_SECOND: 1024 }, { ACCOUNT_BYTES_A_SECOND: LIFTED }),
  RATE_BURST_SECONDS: goesOn({ ADDRESS_MESSAGES_A_SECOND: 1 }, { RATE_BURST_SECONDS: 3_600 }),
  RATE_PATIENCE_SECONDS: async () => {
    await using broker = await ChangingBroker.start({ ...ON, ADDRESS_MESSAGES_A_SECOND: 50 });
    const bob = await broker.test.peer('bob');
    bob.send('bob: hi\n'.repeat(10_000));
    await bob.got('* you send more than you may');
    await broker.change({ RATE_PATIENCE_SECONDS: 1 });
    await bob.got('* you have sent more than you may for 1 second');
    bob.destroy();
  },
  ACCOUNT_CONNECTIONS: async () => {
    await using broker = await ChangingBroker.start({ ...ON });
    const hello = await provenHello('bob');
    const bob = await ProgramPeer.hello(broker.test, hello);
    // It is counted although it was there before.
    await broker.change({ ACCOUNT_CONNECTIONS: 1 });
    const other = await ProgramPeer.hello(broker.test, hello);
    expect((await other.got('bye'))[0]?.code).toBe('ACCOUNT_CROWDED');
    for (const { peer } of [bob, other]) peer.destroy();
  },
  RATE_LOOPBACK: async () => {
    await using broker = await ChangingBroker.start({ ADDRESS_CONNECTIONS: 1 });
    for (const name of ['a', 'b']) await broker.test.peer(name);
    await broker.change({ RATE_LOOPBACK: 'on' });
    await (await broker.test.connect()).got('* more than 1 connections from your address\n');
  },
  PROXY_FROM: async () => {
    await using broker = await ChangingBroker.start({});
    const header = 'PROXY TCP4 192.0.2.7 127.0.0.1 1234 8080\r\n';
    const before = (await broker.test.connect()).send(`${header}bob\n`);
    await before.got('the first line looks like PROXY');
    await broker.change({ PROXY_FROM: ['127.0.0.1'] });
    const after = (await broker.test.connect()).send(`${header}bob\n`);
    await after.got('* you are bob\n');
  },
};
