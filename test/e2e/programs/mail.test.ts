/** The tool for held mail, as an operator runs it, on the store of a broker that has stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import type { MailList } from '../../../src/tools/cli/mail/list.ts';
import type { ShownMessage } from '../../../src/tools/cli/mail/show.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { numbered, numbersFrom, range } from '../../helpers/mail.ts';
import { Peer } from '../../helpers/peer.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { commandOf } from '../../helpers/programs/build.ts';
import { startBrokerProcess, TestProcess } from '../../helpers/programs/process.ts';
import { until } from '../../helpers/until.ts';

/** Messages of 1,000 bytes that fit into the write window of 4,096. */
const HANDED_AT_A_TIME = 3;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function tool(folder: string, ...args: readonly string[]): Promise<Outcome> {
  await using run = new TestProcess('src/tools/cli/mail.ts', args, { DATA_DIR: folder });
  const code = await run.exitCode();
  expect(run.stderr).not.toContain('    at ');
  return { code, stdout: run.stdout, stderr: run.stderr };
}

async function list(folder: string): Promise<MailList> {
  const { code, stdout, stderr } = await tool(folder, 'list', '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as MailList;
}

async function show(folder: string, name: string): Promise<ShownMessage[]> {
  const { code, stdout, stderr } = await tool(folder, 'show', name, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as ShownMessage[];
}

/** Makes `name` known to the broker and away. */
async function wasHere(port: number, name: string): Promise<void> {
  const peer = await Peer.connect(port);
  peer.send(`${name}\n${name}: echo\n`);
  await peer.got(`from ${name}: echo\n`);
  await peer.leave();
  await until(() => peer.closed, 'the connection to close');
}

/** Sends lines as `alice`. Resolves when all of them are processed. */
async function send(port: number, lines: string): Promise<void> {
  const alice = await Peer.connect(port);
  alice.send(`alice\n${lines}alice: all held\n`);
  await alice.got('from alice: all held\n');
  await alice.leave();
}

/** Runs a broker on `folder` until it holds mail of alice for these names, and stops it. */
async function holdMail(folder: string, mail: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const { broker, port } = await startBrokerProcess({ DATA_DIR: folder, STRICT: 'off' });
  await using _ = broker;
  for (const name of Object.keys(mail)) await wasHere(port, name);
  const lines = Object.entries(mail).flatMap(([name, texts]) => texts.map((text) => `${name}: ${text}\n`));
  await send(port, lines.join(''));
  broker.signal('SIGTERM');
  expect(await broker.exitCode()).toBe(0);
}

/** Starts a broker on `folder`. @returns what `name` receives, up to `last` */
async function delivered(folder: string, name: string, last: string): Promise<string> {
  const { broker, port } = await startBrokerProcess({ DATA_DIR: folder, STRICT: 'off' });
  await using _ = broker;
  const peer = await Peer.connect(port);
  peer.send(`${name}\n`);
  await peer.got(last);
  peer.destroy();
  return peer.mail;
}

describe('the mail of a broker that has ended', () => {
  it('is listed, shown, purged and verified, and what is left is delivered', async () => {
    using folder = temporaryFolder();
    const begunAt = Math.floor(Date.now() / 1000) * 1000; // times are stored in whole seconds
    await holdMail(folder.path, { bob: ['one', 'two \x1b[2J', 'three'], 'bell\x07': ['ring'], nobody: [] });

    const { names, totals } = await list(folder.path);
    expect(names.map(({ name, messages, bytes }) => [name, messages, bytes])).toEqual([
      ['bell\x07', 1, 'from alice: ring\n'.length],
      ['bob', 3, 'from alice: onefrom alice: two \x1b[2Jfrom alice: three'.length + 3],
    ]);
    expect(totals).toEqual({ names: 2, messages: 4, bytes: names.reduce((sum, { bytes }) => sum + bytes, 0) });
    const table = await tool(folder.path, 'list');
    expect(table.stdout).toMatch(/bell\\x07 .* 1 .*\n.*\n.* bob .* 3 .* \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
    expect(table.stdout).toContain('2 names');

    const mail = await show(folder.path, 'bob');
    expect(mail.map(({ line }) => line)).toEqual(['from alice: one', 'from alice: two \x1b[2J', 'from alice: three']);
    for (const { heldAt } of mail) {
      expect(Date.parse(heldAt ?? '')).toBeGreaterThanOrEqual(begunAt);
      expect(Date.parse(heldAt ?? '')).toBeLessThanOrEqual(Date.now());
    }
    const text = await tool(folder.path, 'show', 'bob');
    expect(text.stdout).toMatch(/^\d+ {2}\S+Z {2}from alice: one\n\d+ {2}\S+Z {2}from alice: two \\x1b\[2J\n/);
    expect(await show(folder.path, 'stranger')).toEqual([]);
    expect(await tool(folder.path, 'show', 'stranger')).toEqual({
      code: 0,
      stdout: 'nobody of the name stranger is known\n',
      stderr: '',
    });

    expect(await tool(folder.path, 'purge', 'bell\x07')).toMatchObject({
      code: 0,
      stdout: 'purged: 1 message (17 bytes) of bell\\x07\n',
    });
    expect((await tool(folder.path, 'purge', 'bell\x07', '--json')).stdout).toBe(
      `${JSON.stringify({ name: 'bell\x07', messages: 0, bytes: 0, known: true })}\n`,
    );
    const verdict = await tool(folder.path, 'verify', '--json');
    expect(verdict.code).toBe(0);
    expect(JSON.parse(verdict.stdout)).toMatchObject({ sound: true, messages: 3, findings: [] });

    const received = await delivered(folder.path, 'bob', 'three\n');
    expect(received).toBe('from alice: one\nfrom alice: two \x1b[2J\nfrom alice: three\n');
  });

  it('is counted if the broker was killed while a peer was attached', async () => {
    using folder = temporaryFolder();
    const { broker, port } = await startBrokerProcess({ DATA_DIR: folder.path, WRITE_WINDOW_BYTES: '4096' });
    await using _ = broker;
    await wasHere(port, 'bob');
    await send(port, numbered('bob', 0, 300, 1_000));
    // This notice comes only when everything sent before it is on disk.
    const carol = await Peer.connect(port);
    carol.send('carol\nbob: behind\n');
    await carol.got('* bob is away: mail is held');
    // A plain peer may be sent it all before it is frozen, because a socket holds more. A program is not.
    const bob = await ProgramPeer.hello({ port }, { name: 'bob' });
    const [first] = await bob.got('message', HANDED_AT_A_TIME);
    bob.say({ type: 'ack', seq: first?.seq });
    await bob.got('message', HANDED_AT_A_TIME + 1);
    broker.signal('SIGKILL');
    await broker.exitCode();
    const mail = await show(folder.path, 'bob');
    const { names } = await list(folder.path);
    expect(names.map(({ name, messages }) => [name, messages])).toEqual([['bob', mail.length]]);
    expect(names[0]?.bytes).toBe(mail.reduce((sum, { line }) => sum + (line?.length ?? 0) + 1, 0));
    const numbers = numbersFrom('alice', mail.map(({ line }) => `${line}\n`).join(''));
    expect(numbers).toEqual(range(300 - numbers.length, 300));
    expect(numbers.length).toBeGreaterThanOrEqual(299);
    expect((await tool(folder.path, 'verify')).code).toBe(0);
    for (const peer of [bob.peer, carol]) peer.destroy();
  });

  it('may be shown to a reader that closes before its end', async () => {
    using folder = temporaryFolder();
    const line = 'x'.repeat(1_000);
    await holdMail(folder.path, { bob: new Array<string>(500).fill(line) });
    const [node = '', ...script] = commandOf('src/tools/cli/mail.ts');
    const child = spawn(node, [...script, 'show', 'bob'], {
      env: { ...process.env, DATA_DIR: folder.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    child.stdout.once('data', () => child.stdout.destroy());
    await once(child, 'close');
    expect([child.exitCode, stderr]).toEqual([0, '']);
    expect((await tool(folder.path, 'verify')).stdout).toMatch(/^sound: \d names?, 500 messages/);
  });
});

describe('a store whose files are damaged', () => {
  it.each<[string, (folder: string) => void]>([
    ['garbage in CURRENT', (folder) => writeFileSync(join(folder, 'CURRENT'), 'garbage')],
    ['a MANIFEST that is cut short', (folder) => truncateSync(join(folder, fileOf(folder, 'MANIFEST')), 10)],
  ])('(%s) is refused, found not sound, and repaired, and its mail is delivered', async (_, spoil) => {
    using folder = temporaryFolder();
    await holdMail(folder.path, { bob: ['one', 'two'] });
    spoil(folder.path);

    await using broker = new TestProcess('src/main.ts', [], { DATA_DIR: folder.path, PORT: '0' });
    expect(await broker.exitCode()).toBe(1);
    expect(broker.stderr).toMatch(
      /^restante: DATA_DIR .* is damaged \(.*\): look with "npm run mail -- verify", mend with "npm run mail -- repair"\n$/,
    );
    const refused = await tool(folder.path, 'list');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^mail: DATA_DIR .* is damaged .*npm run mail -- repair"\n$/);
    const verdict = await tool(folder.path, 'verify');
    expect([verdict.code, verdict.stderr]).toEqual([1, '']);
    expect(verdict.stdout).toMatch(/^database: .*\nnot sound: 1 finding; .*; mend with "npm run mail -- repair"\n$/);

    const repaired = await tool(folder.path, 'repair', '--json');
    expect(repaired.code).toBe(0);
    expect(JSON.parse(repaired.stdout)).toMatchObject({ database: true, movedAway: 0, movedTo: null, messages: 2 });
    expect((await tool(folder.path, 'verify')).code).toBe(0);
    expect(await delivered(folder.path, 'bob', 'two\n')).toBe('from alice: one\nfrom alice: two\n');
  });

  it('is repaired, and the unreadable entry is kept in a file', async () => {
    using folder = temporaryFolder();
    await holdMail(folder.path, { bob: ['one', 'needle', 'three'] });
    await garble(folder.path, 'needle');

    const verdict = await tool(folder.path, 'verify');
    expect([verdict.code, verdict.stdout.split('\n')[0]]).toEqual([
      1,
      expect.stringMatching(/^message of bob: number \d+ is no line$/),
    ]);
    const repaired = await tool(folder.path, 'repair');
    expect(repaired.stdout).toContain('1 unreadable entry moved to ');
    expect(readFileSync(join(folder.path, fileOf(folder.path, /^repair-.*\.jsonl$/)), 'utf8')).toContain(
      Buffer.from('from alice: \xffeedle\n', 'latin1').toString('hex'),
    );
    expect(await delivered(folder.path, 'bob', 'three\n')).toBe('from alice: one\nfrom alice: three\n');
  });
});

describe('the tool refuses, in one line,', () => {
  it('a store that a broker runs on', async () => {
    using folder = temporaryFolder();
    const { broker } = await startBrokerProcess({ DATA_DIR: folder.path });
    await using _ = broker;
    const said = `mail: DATA_DIR ${folder.path} is in use by a broker that runs, or by this tool: stop that first`;
    const hint = ', or name its HTTP with --url';
    const runs = [
      ['list', hint],
      ['purge', hint, 'bob'],
      ['verify', ''],
      ['repair', ''],
    ] as const;
    const ended = runs.map(([name, more, ...args]) => [tool(folder.path, name, ...args), more] as const);
    for (const [run, more] of ended) {
      expect(await run).toEqual({ code: 1, stdout: '', stderr: `${said}${more}\n` });
    }
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(0);
  });

  it('a folder that is not there, without making it, or has no store', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'none');
    const missing = await tool(folder.path, 'list', '--data-dir', path);
    expect(missing).toEqual({ code: 1, stdout: '', stderr: `mail: DATA_DIR ${path} does not exist\n` });
    const empty = await tool(folder.path, 'repair');
    expect(empty).toEqual({ code: 1, stdout: '', stderr: `mail: there is no store in DATA_DIR ${folder.path}\n` });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('a command it does not know, one without its name, and an option it does not have, with exit code 2', async () => {
    using folder = temporaryFolder();
    const runs = [['foo'], ['show'], ['list', 'bob'], ['list', '--all'], ['--data-dir'], []];
    for (const args of runs) {
      const { code, stdout, stderr } = await tool(folder.path, ...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^(error: .*\n$|Usage: )/);
    }
  });

  it('nothing when help is requested', async () => {
    using folder = temporaryFolder();
    const { code, stdout } = await tool(folder.path, '--help');
    expect(code).toBe(0);
    for (const command of ['list', 'show <name>', 'purge <name>', 'verify', 'repair'])
      expect(stdout).toContain(command);
  });
});

/** Overwrites the first byte of `word` in a stored message. */
async function garble(folder: string, word: string): Promise<void> {
  await using db = await openDatabase(folder);
  for await (const [key, value] of db.iterator()) {
    const garbled = Buffer.from(value);
    const at = garbled.indexOf(word);
    if (at < 0) continue;
    garbled[at] = 0xff;
    await db.put(key, garbled, { sync: true });
  }
}

function fileOf(folder: string, pattern: string | RegExp): string {
  const file = readdirSync(folder).find((name) =>
    typeof pattern === 'string' ? name.startsWith(pattern) : pattern.test(name),
  );
  if (file === undefined) throw new Error(`no ${pattern} in ${readdirSync(folder)}`);
  return file;
}
