/** The package as npm would publish it, in the folder of a program that has installed it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { Program } from '../../helpers/programs/program.ts';
import { ROOT } from '../../helpers/project.ts';
import { until } from '../../helpers/until.ts';
import { Clone, isInstalled } from '../documents/clone.ts';

const folder = temporaryFolder();
const INSTALLED = join(folder.path, 'node_modules/restante');
const BIN = join(folder.path, 'node_modules/.bin');
let tarball = '';

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed: ${stdout}${stderr}`);
  }
}

const tool = (name: string) => join(ROOT, 'node_modules/.bin', name);

/**
 * Unpacks the package beside the packages that it depends on, and no others, and links its programs. npm would need the
 * registry for that.
 */
function install(): void {
  const { dependencies, bin } = JSON.parse(run('tar', ['-xzOf', tarball, 'package/package.json'], folder.path)) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly bin: Readonly<Record<string, string>>;
  };
  run('tar', ['-xzf', tarball], folder.path);
  for (const name of Object.keys(dependencies)) {
    const place = join(folder.path, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place);
  }
  renameSync(join(folder.path, 'package'), INSTALLED);
  mkdirSync(BIN);
  for (const [name, file] of Object.entries(bin)) {
    chmodSync(join(INSTALLED, file), 0o755);
    symlinkSync(join(INSTALLED, file), join(BIN, name));
  }
  writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}');
}

beforeAll(() => {
  using clone = new Clone();
  run('npm', ['pack', '--pack-destination', folder.path], clone.path);
  const [name = ''] = readdirSync(folder.path);
  tarball = join(folder.path, name);
  install();
});

afterAll(() => folder[Symbol.dispose]());

describe('the package', () => {
  it('has compiled code with its types, the page, and nothing else', () => {
    const files = readdirSync(INSTALLED, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(INSTALLED.length + 1));
    expect(paths.filter((path) => !/^dist\/(src|workers)\/.*(\.js|\.d\.ts)$/.test(path)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/src/http/page/browser/icon.svg',
      'dist/src/http/page/browser/index.html',
      'dist/src/http/page/browser/style.css',
      'package.json',
    ]);
    expect(paths).toContain('dist/src/http/page/browser/app.js');
    expect(paths.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(150);
  });

  it('is one that publint has nothing to say about', () => {
    const said = run(tool('publint'), ['run', tarball, '--strict'], folder.path);
    expect(said).toContain('All good!');
  });

  it('has types where every resolution of ES modules finds them', () => {
    run(tool('attw'), [tarball, '--profile', 'esm-only', '--quiet'], folder.path);
  });
});

/** Is run as JavaScript, and checked as TypeScript. docs/LIBRARY.md has its lines. */
const PROGRAM = `
import { connect, RefusedError } from 'restante';
import { startBroker } from 'restante/broker';

const broker = await startBroker({ settings: { SHARDS: 2, DATA_DIR: 'mail' } });
const bob = await connect(broker.url, { name: 'bob' });
await bob.drain();

const alice = await connect(broker.url, { name: 'alice' });
const sent = await alice.send('bob', { job: 7 });
console.log(sent.id.length > 0, sent.to);
try {
  await alice.send('nobody', { job: 8 });
} catch (error) {
  if (error instanceof RefusedError) console.log(error.code);
}

const worker = await connect(broker.url, { name: 'bob' });
for await (const message of worker.messages()) {
  console.log(message.from, message.body);
  message.ack();
  break;
}

const asking = alice.request('bob', 'time?');
for await (const message of worker.messages()) {
  await message.reply('noon');
  message.ack();
  break;
}
console.log(await asking);

await Promise.all([alice.drain(), worker.drain()]);
await broker.stop();
console.log('stopped');
`;

/** What does not compile without its comment. */
const WRONG_PROGRAM = `
// @ts-expect-error: no such setting
await startBroker({ settings: { PORTT: 1 } });
// @ts-expect-error: no such option
await connect(broker.url, { nam: 'bob' });
// @ts-expect-error: no such state
export const wrong = sent.state === 'lost';
`;

describe('the command line', () => {
  it('runs as it is installed', () => {
    const restante = join(BIN, 'restante');
    expect(run(restante, ['--version'], folder.path)).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run(restante, ['errors', 'QUIT'], folder.path)).toBe('QUIT (session): goodbye\n');
  });

  it.each(['serve', 'health', 'mail', 'swarm'])('calls itself restante %s in its help', (program) => {
    const help = run(join(BIN, 'restante'), [program, '--help'], folder.path);
    expect(help).toMatch(new RegExp(`^Usage: restante ${program} \\[options\\]`));
    expect(help).not.toContain('npm');
  });

  it('serves with the settings for memory of npm start, in one process, where Node can do that', async () => {
    const env = { MALLOC_MMAP_THRESHOLD_: undefined, HTTP_PORT: '0' };
    await using broker = new Program([join(BIN, 'restante'), 'serve'], { cwd: folder.path, env });
    await broker.port();
    const about = (file: string) => readFileSync(`/proc/${broker.pid}/${file}`, 'utf8').split('\0');
    const [, page = ''] = /open (http:\S+)/.exec(broker.stdout) ?? [];
    expect(await (await fetch(`${page}app.js`)).text()).toBe(
      readFileSync(join(INSTALLED, 'dist/src/http/page/browser/app.js'), 'utf8'),
    );
    const anew = 'execve' in process;
    expect(about('cmdline').includes('--max-semi-space-size=2')).toBe(anew);
    expect(about('environ').includes('MALLOC_MMAP_THRESHOLD_=32768')).toBe(anew);
    broker.signal('SIGTERM');
    expect([await broker.ended(), broker.stderr]).toEqual([0, '']);
  });
});

/** What runs it, and the rights that it needs. */
const RUNTIMES = [['node'], ['deno', 'run', '--allow-net'], ['bun']] as const;

const CLIENT = `
import { connect } from 'restante';

const url = (globalThis.Deno?.args ?? process.argv.slice(2))[0];
const alice = await connect(url, { name: 'alice' });
const bob = await connect(url, { name: 'bob' });

const sent = await alice.send('bob', { job: 7 }, { durable: true });
console.log(sent.to.bob);
for await (const message of bob.messages()) {
  console.log(message.body.job);
  message.ack();
  break;
}
await sent.acked;

const asking = alice.request('bob', 'time?');
for await (const message of bob.messages()) {
  await message.reply('noon');
  message.ack();
  break;
}
console.log(await asking);

await Promise.all([alice.drain(), bob.drain()]);
console.log('drained');
`;

describe('a program that has installed the package', () => {
  it.for(RUNTIMES)('talks over TCP when %s runs it', async ([runtime, ...options], { skip }) => {
    skip(!isInstalled(runtime), `${runtime} is not installed`);
    writeFileSync(join(folder.path, 'client.js'), CLIENT);
    await using broker = await startBroker();
    const command = [runtime, ...options, 'client.js', `tcp://127.0.0.1:${broker.port}`];
    await using program = new Program(command, { cwd: folder.path });
    await program.said('drained');
    expect([await program.ended(), program.stdout, program.stderr]).toEqual([0, 'held\n7\nnoon\ndrained\n', '']);
  });

  it('talks to a broker that it has started, and ends by itself', async () => {
    writeFileSync(join(folder.path, 'program.js'), PROGRAM);
    await using program = new Program([process.execPath, 'program.js'], { cwd: folder.path });
    const code = await program.ended();
    await until(
      () => program.stdout.includes('stopped'),
      () => `the last word of ${program.stdout}${program.stderr}`,
    );
    const said = [/^true { bob: '(held|taken)' }$/, 'unknown', 'alice { job: 7 }', 'noon', 'stopped'];
    const lines = said.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line)));
    expect([code, program.stdout.trimEnd().split('\n'), program.stderr]).toEqual([0, lines, '']);
  });

  it.each(['NodeNext', 'Preserve'])('has its types checked strictly, with module=%s', (module) => {
    writeFileSync(join(folder.path, 'program.ts'), `${PROGRAM}${WRONG_PROGRAM}`);
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    const target = ['--target', 'ES2022', '--lib', 'ES2022,ESNext.Disposable'];
    run(tool('tsc'), ['--strict', '--noEmit', '--module', module, ...target, ...types, 'program.ts'], folder.path);
  });
});
