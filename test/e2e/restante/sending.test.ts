/** The commands `send` and `listen`, over real sockets. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { freePort } from '../../helpers/free-port.ts';
import { isGone, isHere, ran, restante, wasHere } from './restante.ts';

const lines = (text: string) => text.trimEnd().split('\n');
const objects = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);

describe('send', () => {
  it('says what became of the message, and listen prints it', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    expect(await ran(broker, ['send', 'bob', 'are you there?'])).toEqual({
      code: 0,
      stdout: 'bob: held\n',
      stderr: '',
    });
    const heard = await ran(broker, ['listen', 'bob', '--count', '1']);
    expect(heard).toEqual({ code: 0, stdout: 'are you there?\n', stderr: '' });
    await isGone(broker, 0);
    expect(await broker.broker.view.stats()).toMatchObject({ heldMessages: 0 });
  });

  it('sends each line of standard input in order, to several names', async () => {
    await using broker = await startBroker();
    for (const name of ['ann', 'bob']) await wasHere(broker, name);
    const input = Array.from({ length: 1_000 }, (_, number) => `line ${number}`);
    const sent = await ran(broker, ['send', 'ann,bob'], `${input.join('\n')}\n`);
    expect(sent).toEqual({ code: 0, stdout: 'sent: 1,000 messages\n', stderr: '' });
    for (const name of ['ann', 'bob']) {
      const { stdout } = await ran(broker, ['listen', name, '--count', '1000']);
      expect(lines(stdout)).toEqual(input);
    }
  });

  it('prints one object a message with --json, under the ids that were asked for', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    const one = await ran(broker, ['--json', 'send', 'bob', 'x', '--id', 'm', '--durable']);
    expect(objects(one.stdout)).toEqual([{ type: 'sent', id: 'm', to: { bob: 'held' }, duplicate: false }]);
    const many = await ran(broker, ['send', 'bob', '-', '--json', '--id', 'n', '--wait', 'held'], 'a\nb');
    expect(objects(many.stdout).map(({ id }) => id)).toEqual(['n-1', 'n-2']);
  });

  it('ends with 1 if a name is unknown, and says what to do', async () => {
    await using broker = await startBroker();
    const refused = await ran(broker, ['send', 'nobody', 'x']);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(
      /^restante: message .* was not taken for nobody: unknown: a name is known once .*\n$/,
    );
    const asJson = await ran(broker, ['send', 'nobody', 'x', '--json']);
    expect([asJson.code, asJson.stderr]).toEqual([1, '']);
    expect(objects(asJson.stdout)).toMatchObject([{ type: 'error', code: 'unknown' }]);
    const line = await ran(broker, ['send', 'nobody'], 'x\n');
    expect([line.code, line.stdout]).toEqual([1, 'sent: 0 messages\n']);
    expect(line.stderr).toMatch(/^restante: line 1: /);
  });

  it('says that no receipt came if it waits for one in vain, and that the message was accepted', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    const waited = await ran(broker, ['send', 'bob', 'x', '--wait', 'acked', '--timeout', '0.2']);
    expect([waited.code, waited.stdout]).toEqual([1, '']);
    expect(waited.stderr).toMatch(/^restante: no receipt within 0.2 s: message \S+ was accepted \(bob: held\), .*\n$/);
  });

  it('waits until its message is acknowledged, if it is asked to', async () => {
    await using broker = await startBroker();
    await broker.peer('bob');
    const acked = await ran(broker, ['send', 'bob', 'x', '--wait', 'acked']);
    expect([acked.code, acked.stdout, acked.stderr]).toEqual([0, 'acknowledged: bob\n', '']);
  });

  it('says at once that there is no broker, and how to start one', async () => {
    const nowhere = { port: await freePort() };
    for (const args of [
      ['send', 'bob', 'x'],
      ['listen', 'bob'],
      ['send', 'bob', '-'],
    ]) {
      const { code, stdout, stderr } = await ran(nowhere, args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        /^restante: .*no broker answers at tcp:\S+: start a broker with "restante serve", or .*\n$/,
      );
    }
  });
});

describe('listen', () => {
  it('shows line ends as escapes, so that a message is one line, and is exact with --json', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    for (let times = 0; times < 2; times++) await ran(broker, ['send', 'bob', 'a\tb\nc']);
    expect((await ran(broker, ['listen', 'bob', '--count', '1'])).stdout).toBe('a\tb\\nc\n');
    const [message] = objects((await ran(broker, ['listen', 'bob', '--count', '1', '--json'])).stdout);
    expect(message).toMatchObject({ type: 'message', body: 'a\tb\nc', held: true });
  });

  it('gives each message to a command, which knows who it is from', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    await ran(broker, ['send', 'bob', 'x', '--name', 'ann', '--id', 'm-']);
    const exec = 'echo "$RESTANTE_FROM $RESTANTE_SEQ $RESTANTE_ID $(cat)"';
    const { code, stdout } = await ran(broker, ['listen', 'bob', '--count', '1', '--exec', exec]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ann \d+ m- x\n$/)]);
  });

  it('ends with 1 when the command fails, and the message comes again', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    await ran(broker, ['send', 'bob', 'x']);
    const failed = await ran(broker, ['listen', 'bob', '--exec', 'exit 3']);
    expect([failed.code, failed.stdout]).toEqual([1, '']);
    expect(failed.stderr).toMatch(
      /^restante: the command ended with 3: message \d+ from ~\S+ is not acknowledged, .*\n$/,
    );
    const again = await ran(broker, ['listen', 'bob', '--count', '1', '--json']);
    expect(objects(again.stdout)).toMatchObject([{ body: 'x', redelivered: true }]);
  });

  it('has acknowledged a message with --ack before, though the command fails', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    await ran(broker, ['send', 'bob', 'x']);
    expect((await ran(broker, ['listen', 'bob', '--ack', 'before', '--exec', 'exit 3'])).code).toBe(1);
    await isGone(broker, 0);
    expect(await broker.broker.view.stats()).toMatchObject({ heldMessages: 0 });
  });

  it('ends with 130 at Ctrl-C, and has acknowledged what it printed', async () => {
    await using broker = await startBroker();
    await using listener = restante(broker, ['listen', 'bob']);
    await isHere(broker, 'bob');
    await ran(broker, ['send', 'bob', 'x']);
    await listener.said('x\n');
    listener.signal('SIGINT');
    expect(await listener.ended()).toBe(130);
    expect([listener.stdout, listener.stderr]).toEqual(['x\n', 'restante: interrupted\n']);
    await isGone(broker, 0);
    expect(await broker.broker.view.stats()).toMatchObject({ heldMessages: 0 });
  });

  it('ends its command at a signal, and the message comes again', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    await ran(broker, ['send', 'bob', 'x']);
    await using listener = restante(broker, ['listen', 'bob', '--exec', 'echo begun; exec sleep 60']);
    await listener.said('begun');
    listener.signal('SIGTERM');
    expect(await listener.ended()).toBe(143);
    const again = await ran(broker, ['listen', 'bob', '--count', '1']);
    expect(again.stdout).toBe('x\n');
  });

  it('says that its name is taken, and gets it when it is free', async () => {
    await using broker = await startBroker();
    const first = await broker.peer('bob');
    await using listener = restante(broker, ['listen', 'bob', '--count', '1']);
    await listener.said('bob is taken: waiting until it is free', 'stderr');
    await first.leave();
    await ran(broker, ['send', 'bob', 'x']);
    expect(await listener.ended()).toBe(0);
    expect(listener.stdout).toBe('x\n');
  });

  it('ends when its reader does, and what was not read comes again', async () => {
    await using broker = await startBroker();
    await wasHere(broker, 'bob');
    await using listener = restante(broker, ['listen', 'bob']);
    await ran(broker, ['send', 'bob', 'one']);
    await listener.said('one\n');
    listener.closeOutput();
    await ran(broker, ['send', 'bob', 'two']);
    expect(await listener.ended()).toBe(0);
    expect((await ran(broker, ['listen', 'bob', '--count', '1'])).stdout).toBe('two\n');
  });
});
