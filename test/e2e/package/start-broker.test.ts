/** A broker inside another program. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BrokerOptions, startBroker } from '../../../src/broker/start-broker.ts';
import { connect, type Message } from '../../../src/tools/library/index.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { compiled } from '../../helpers/programs/build.ts';
import { Program } from '../../helpers/programs/program.ts';
import { inTime, until } from '../../helpers/until.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'beforeExit', 'uncaughtException', 'unhandledRejection'];

async function first(messages: AsyncIterableIterator<Message>): Promise<Message> {
  const { value } = await inTime(messages.next(), 'a message');
  return value;
}

/** What of this process a broker could change. */
function ownProcess() {
  const listeners = SIGNALS.map((name) => process.listenerCount(name));
  return { listeners, exitCode: process.exitCode, umask: process.umask(), resources: openResources() };
}

/** What keeps this process running. */
function openResources(): string[] {
  return process.getActiveResourcesInfo().sort();
}

describe('a broker in this process', () => {
  it('serves programs on a port that the system chooses', async () => {
    await using broker = await startBroker();
    expect(broker.url).toBe(`tcp://127.0.0.1:${broker.port}`);
    await using bob = await connect(broker.url, { name: 'bob' });
    await using ann = await connect(broker.url, { name: 'ann' });
    expect((await ann.send('bob', { job: 7 })).state).toBe('taken');
    expect(await first(bob.messages())).toMatchObject({ from: 'ann', body: { job: 7 } });
  });

  it('knows nothing of another one', async () => {
    await using here = await startBroker({ port: 0, settings: { SHARDS: 2 } });
    await using there = await startBroker({ port: 0, settings: { MAX_LINE_BYTES: '1KiB' } });
    await using _ = await connect(here.url, { name: 'bob' });
    await using ann = await connect(there.url, { name: 'ann' });
    await expect(ann.send('bob', 'are you there?')).rejects.toMatchObject({ code: 'unknown' });
    await using bob = await connect(there.url, { name: 'bob' });
    await ann.send('bob', 'are you here?');
    expect((await first(bob.messages())).body).toBe('are you here?');
  });

  it('holds nothing without a folder, and makes none', async () => {
    const hadFolder = existsSync('data');
    await using broker = await startBroker();
    await using ann = await connect(broker.url, { name: 'ann' });
    const bob = await connect(broker.url, { name: 'bob' });
    await bob.close();
    await until(() => bob.current.state === 'closed', 'bob to be gone');
    const refused = async () => await ann.send('bob', 'held?').catch((error: unknown) => error);
    // The name is in use until the broker has seen the end.
    let outcome = await refused();
    while (!(outcome instanceof Error)) outcome = await refused();
    expect(outcome).toMatchObject({ code: 'unknown' });
    expect(existsSync('data')).toBe(hadFolder);
  });

  it('holds mail in a folder, and the next one has it', async () => {
    using folder = temporaryFolder();
    const settings = { DATA_DIR: join(folder.path, 'mail'), SHARDS: 1, HOLD_SECONDS: 60 };
    {
      await using broker = await startBroker({ settings });
      const bob = await connect(broker.url, { name: 'bob' });
      await bob.drain();
      await using ann = await connect(broker.url, { name: 'ann' });
      expect((await ann.send(['bob', 'ann'], 'later')).to).toMatchObject({ ann: 'taken' });
    }
    await using broker = await startBroker({ settings });
    await using bob = await connect(broker.url, { name: 'bob' });
    expect(await first(bob.messages())).toMatchObject({ body: 'later', held: true });
  });

  it('leaves the process as it was, with nothing open', async () => {
    const before = ownProcess();
    {
      await using one = await startBroker();
      await using other = await startBroker({ settings: { SHARDS: 2 } });
      await using _ = await connect(one.url, { name: 'bob' });
      await using _also = await connect(other.url, { name: 'bob' });
      expect(ownProcess()).toMatchObject({
        listeners: before.listeners,
        exitCode: before.exitCode,
        umask: before.umask,
      });
      expect(openResources().length).toBeGreaterThan(before.resources.length);
    }
    await until(
      () => openResources().length <= before.resources.length,
      () => `nothing to be open but ${before.resources}, there is ${openResources()}`,
    );
    expect(ownProcess()).toMatchObject({ listeners: before.listeners, exitCode: before.exitCode });
  });

  it('stops once, however often it is asked', async () => {
    await using broker = await startBroker();
    const stopping = broker.stop();
    expect(broker.stop()).toBe(stopping);
    await stopping;
    await expect(connect(broker.url, { name: 'bob', reconnect: false })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
  });

  it.each<[string, BrokerOptions, string]>([
    ['a setting that does not exist', { settings: { PORTT: 1 } as object }, 'PORTT is not one of the settings here'],
    ['the port among the settings', { settings: { PORT: 1 } as object }, 'PORT is not one of the settings here'],
    ['a bad value', { settings: { SHARDS: 65 } }, 'SHARDS is "65", but must be a whole number from 1 to 64'],
    ['a port that is none', { port: 65_536 }, 'PORT is "65536", but must be a whole number from 0 to 65535'],
    ['mail that is held nowhere', { settings: { HOLD_SECONDS: 1 } }, 'HOLD_SECONDS needs a DATA_DIR to hold mail in'],
  ])('refuses %s', async (_what, options, message) => {
    await expect(startBroker(options)).rejects.toThrow(message);
  });

  it('cannot have a port that is in use, and leaves nothing then', async () => {
    await using broker = await startBroker();
    const before = openResources();
    await expect(startBroker({ port: broker.port })).rejects.toThrow('is taken');
    await until(() => openResources().length <= before.length, 'nothing to be left');
  });

  it('does not start when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(startBroker({ signal })).rejects.toThrow('never mind');
  });
});

it('a program that has stopped its brokers ends by itself, and has said only what it says itself', async () => {
  const code = `
    import { startBroker } from ${JSON.stringify(compiled('src/broker/start-broker.ts'))};
    const brokers = await Promise.all([startBroker(), startBroker()]);
    for (const broker of brokers) await broker.stop();
    process.exitCode = 7;
    console.log('stopped', new Set(brokers.map(({ port }) => port)).size);`;
  await using program = new Program([process.execPath, '--input-type=module', '-e', code], { env: { PORT: '1' } });
  expect(await program.ended()).toBe(7);
  await until(() => program.stdout !== '', 'its output');
  expect([program.stdout, program.stderr]).toEqual(['stopped 2\n', '']);
});
