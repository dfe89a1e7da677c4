/** How the command line is used: help, wrong use, and the programs that it hands on to. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { ran, restante } from './restante.ts';

/** Nothing listens there, and nothing of these tests connects. */
const NOWHERE = { port: 9 };

describe('wrong use', () => {
  it.each([
    ['no command', []],
    ['a command that is none', ['sned', 'bob', 'x']],
    ['no name', ['send']],
    ['an empty name', ['send', 'ann,,bob', 'x']],
    ['an option that is none', ['listen', 'bob', '--loud']],
    ['a count of none', ['listen', 'bob', '--count', '0']],
    ['no command to reply with', ['reply', 'bob']],
    ['a time of none', ['request', 'bob', 'x', '--timeout', '0']],
    ['a state that is none', ['send', 'bob', 'x', '--wait', 'read']],
    ['an address that is none', ['send', 'bob', 'x', '--url', 'nowhere']],
    ['an address with a password', ['send', 'bob', 'x', '--url', 'tcp://me:hush@127.0.0.1:9']],
    ['an address with a password and a space', ['send', 'bob', 'x', '--url', 'tcp://me:hush@ 127.0.0.1:9']],
    ['an address of HTTP with a password', ['top', '--url', 'http://me:hush@127.0.0.1:9']],
    ['an address with a password for HTTP', ['top', '--url', 'tcp://me:hush@127.0.0.1:9']],
    ['a reload with a password', ['reload', '--url', 'http://me:hush@127.0.0.1:9']],
    ['a bench of no pairs', ['bench', '--pairs', '0']],
    ['a bench of too many messages', ['bench', '--in-flight', '1001']],
    ['a bench of too much', ['bench', '--in-flight', '1000', '--bytes', '20000']],
    ['a code that is none', ['errors', 'NO_SUCH_CODE']],
    ['a program behind an option', ['--json', 'mail', 'list']],
  ])('(%s) ends with 2 and says so', async (_what, args) => {
    const { code, stdout, stderr } = await ran(NOWHERE, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^(error|restante|Usage): /);
    expect(stderr).not.toContain('hush');
  });
});

describe('help', () => {
  it.each(['send', 'listen', 'request', 'reply', 'who', 'watch', 'chat', 'bench', 'errors', 'completion'])(
    'of %s has an example',
    async (command) => {
      const { code, stdout } = await ran(NOWHERE, [command, '--help']);
      expect([code, stdout]).toEqual([0, expect.stringContaining('\nExample:\n  ')]);
      expect(stdout).toContain('--json');
    },
  );

  it('has the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await ran(NOWHERE, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

it('errors prints codes with what the broker says', async () => {
  const { code, stdout } = await ran(NOWHERE, ['errors', 'name_crowded']);
  expect([code, stdout]).toEqual([0, 'NAME_CROWDED (session): your name is taken, and too many wait for it already\n']);
});

describe('a program that it hands on to', () => {
  it('is told the rest of the line', async () => {
    await using broker = await startBroker();
    await using health = restante(broker, ['health'], { PORT: String(broker.port) });
    expect(await health.ended()).toBe(0);
    expect(health.stdout).toContain('healthy: ');
    for (const [name, word] of [
      ['mail', 'purge'],
      ['swarm', '--churn'],
      ['serve', 'MAILBOX_MAX_BYTES'],
    ] as const) {
      const { code, stdout } = await ran(broker, [name, '--help']);
      expect([code, stdout]).toEqual([0, expect.stringContaining(word)]);
    }
  });

  it('may be the broker, which a signal stops in order', async () => {
    await using server = restante(NOWHERE, ['serve']);
    const port = await server.port();
    expect((await ran({ port }, ['who', 'bob'])).stdout).toBe('bob is unknown\n');
    server.signal('SIGTERM');
    expect(await server.ended()).toBe(0);
    expect(server.stdout).toContain('"stopped"');
  });
});
