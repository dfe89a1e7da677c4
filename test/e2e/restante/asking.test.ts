/** The commands that ask: `request`, `reply`, `who`, `watch` and `chat`, over real sockets. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { isGone, isHere, ran, restante, wasHere } from './restante.ts';

describe('request', () => {
  it('prints what the command of a reply printed', async () => {
    await using broker = await startBroker();
    await using worker = restante(broker, ['reply', 'clock', '--exec', 'echo "$(cat) is noon"', '--count', '2']);
    await isHere(broker, 'clock');
    const asked = await ran(broker, ['request', 'clock', 'now']);
    expect(asked).toEqual({ code: 0, stdout: 'now is noon\n', stderr: '' });
    const asJson = await ran(broker, ['request', 'clock', 'it', '--json', '--name', 'ann']);
    expect(JSON.parse(asJson.stdout)).toEqual({ type: 'reply', from: 'clock', body: 'it is noon' });
    expect(await worker.ended()).toBe(0);
    expect(worker.stdout).toMatch(/^replied to ~request-\w+\nreplied to ann\n$/);
  });

  it('ends with 1 when no reply comes in time', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'clock');
    const { code, stdout, stderr } = await ran(broker, ['request', 'clock', 'now', '--timeout', '0.2']);
    expect([code, stdout, stderr]).toEqual([1, '', 'restante: no reply within 200 ms\n']);
  });
});

describe('reply', () => {
  it('goes on when who has asked is gone', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'clock');
    await ran(broker, ['request', 'clock', 'now', '--timeout', '0.1']);
    const { code, stdout } = await ran(broker, ['reply', 'clock', '--exec', 'date', '--count', '1']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^~request-\w+ is gone: no reply\n$/)]);
  });

  it('ends with 1 when its command fails or prints too much, and the request comes again', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'clock');
    await ran(broker, ['send', 'clock', 'now', '--name', 'ann']);
    for (const [exec, says] of [
      ['false', 'ended with 1'],
      ['yes', 'printed more than 1048576 bytes'],
    ] as const) {
      const { code, stderr } = await ran(broker, ['reply', 'clock', '--exec', exec]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`the command ${says}: message `)]);
    }
    expect((await ran(broker, ['listen', 'clock', '--count', '1'])).stdout).toBe('now\n');
  });
});

describe('who', () => {
  it('says who is here, away and unknown', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'carol');
    await ran(broker, ['send', 'carol', 'x']);
    await broker.peer('alice');
    const { code, stdout } = await ran(broker, ['who', 'alice', 'carol', 'dave']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^alice is here\ncarol is away since \S+Z: 1 message waits\ndave is unknown\n$/);
    const asJson = await ran(broker, ['who', 'alice', '--json']);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ type: 'who', name: 'alice', here: true });
  });
});

describe('watch', () => {
  it('tells who comes and goes, until Ctrl-C', async () => {
    await using broker = await startBroker();
    await using watcher = restante(broker, ['watch', 'alice']);
    await watcher.said('Z alice is not here\n');
    const alice = await broker.peer('alice');
    await watcher.said('Z alice is here\n');
    await alice.leave();
    await isGone(broker, 1);
    watcher.signal('SIGINT');
    expect(await watcher.ended()).toBe(130);
  });
});

describe('chat', () => {
  it('prints messages and what became of its own, and ends with 0 at Ctrl-D', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'carol');
    const bob = await broker.peer('bob');
    await using chat = restante(broker, ['chat', 'alice']);
    await isHere(broker, 'alice');
    bob.send('alice: are you there?\n');
    await chat.said('from bob: are you there?\n');
    chat.type('bob: I am\ncarol: later\nnobody: x\nno address\n/who bob\n');
    await bob.got('from alice: I am\n');
    await chat.said('* bob is here\n');
    expect(chat.stdout.split('\n').slice(1)).toEqual([
      '* bob: sent',
      '* carol: held',
      expect.stringMatching(/^\* message \S+ was not taken for nobody: unknown/),
      '* bob is here',
      '',
    ]);
    expect(chat.stderr).toContain('not sent: NAME, NAME: MESSAGE sends');
    chat.type();
    expect(await chat.ended()).toBe(0);
  });

  it('ends with 130 at Ctrl-C', async () => {
    await using broker = await startBroker();
    await using chat = restante(broker, ['chat', 'alice', '--json']);
    await isHere(broker, 'alice');
    chat.signal('SIGINT');
    expect(await chat.ended()).toBe(130);
    expect(chat.stdout).toBe('');
  });
});
