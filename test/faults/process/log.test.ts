/** A log that cannot be written never stops mail. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAX_WAITING_CHARACTERS } from '../../../src/shared/common/log/lines.ts';
import { SmallDisk } from '../../helpers/faults/disk.ts';
import { freePort } from '../../helpers/free-port.ts';
import { Peer } from '../../helpers/peer.ts';
import { BROKER, Program } from '../../helpers/programs/program.ts';
import { until } from '../../helpers/until.ts';

/** A name that is long in the log, because each of its characters is shown as an escape sequence. */
const LONG_NAME = '\u200b'.repeat(64);
/** The least that one visit under that name adds to the log. */
const VISIT_CHARACTERS = 1_000;
/** The least that one bad input adds to the log. */
const MISDEED_CHARACTERS = 200;
const PAGE_CHARACTERS = 4_096;
const PIPE_CHARACTERS = 64 * 1024;
const AT_ONCE = 20;
const DISK_MIB = 16;

async function reachable(port: number): Promise<void> {
  let peer: Peer | undefined;
  let trying = false;
  await until(() => {
    if (peer === undefined && !trying) {
      trying = true;
      const tried = (found?: Peer) => {
        trying = false;
        peer = found;
      };
      Peer.connect(port).then(tried, () => tried());
    }
    return peer !== undefined;
  }, 'a broker that listens');
  peer?.destroy();
}

/** Two connected peers talk. */
async function chat(port: number, text: string): Promise<void> {
  const alice = await Peer.connect(port);
  const bob = await Peer.connect(port);
  bob.send('bob\nbob: in\n');
  await bob.got('from bob: in\n');
  alice.send(`alice\nbob: ${text}\n`);
  await bob.got(`from alice: ${text}\n`);
  await Promise.all([alice.leave(), bob.leave()]);
}

async function visit(port: number, name: string): Promise<void> {
  const peer = await Peer.connect(port);
  peer.send(`${name}\n${name}: in\n`);
  await peer.got(': in\n');
  await peer.leave();
}

/** Sends bad input, which causes a warning in the log. */
async function misbehave(port: number): Promise<void> {
  const peer = await Peer.connect(port);
  peer.send(Buffer.from([0xff, 0x0a]));
  await peer.leave();
}

it('a log that is not read delays no peer; lines that do not fit are dropped, and counted when it is read again', async () => {
  const port = await freePort();
  const env = { PORT: String(port), LOG_LEVEL: 'debug', STRICT: 'off', NOTICES: 'off', HOLD_SECONDS: '0' };
  await using broker = new Program(BROKER, { env, stdout: 'unread' });
  await reachable(port);
  const visits = Math.ceil((MAX_WAITING_CHARACTERS + 2 * PIPE_CHARACTERS) / VISIT_CHARACTERS);
  for (let i = 0; i < visits; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => visit(port, `${LONG_NAME}${i + k}`)));
  }
  await chat(port, 'while nobody reads');
  broker.read();
  await broker.said(' were dropped"');
  await chat(port, 'while it is read');
  await broker.said('"name":"alice"');
  broker.signal('SIGTERM');
  expect(await broker.ended()).toBe(0);
  await broker.said('"msg":"stopped"');
  for (const line of broker.stdout.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
});

it('a log that is not read does not keep a broker from stopping', async () => {
  const port = await freePort();
  const env = { PORT: String(port), LOG_LEVEL: 'debug', STRICT: 'off', NOTICES: 'off' };
  await using broker = new Program(BROKER, { env, stdout: 'unread' });
  await reachable(port);
  for (let i = 0; i * VISIT_CHARACTERS < 2 * PIPE_CHARACTERS; i++) await visit(port, LONG_NAME);
  broker.signal('SIGTERM');
  expect(await broker.ended()).toBe(0);
});

it('a log whose reader has gone delays no peer', async () => {
  await using broker = new Program(BROKER, { env: { LOG_LEVEL: 'debug' } });
  const port = await broker.port();
  broker.closeOutput();
  for (let i = 0; i < 3; i++) await misbehave(port);
  await chat(port, 'without a log');
  broker.signal('SIGTERM');
  expect(await broker.ended()).toBe(0);
  expect(broker.stderr).toBe('');
});

it('a log on a full device delays no peer', async () => {
  const port = await freePort();
  const full = openSync('/dev/full', 'w');
  await using broker = new Program(BROKER, { env: { PORT: String(port) }, stdout: full });
  closeSync(full);
  await reachable(port);
  await misbehave(port);
  await chat(port, 'without a log');
  broker.signal('SIGTERM');
  expect(await broker.ended()).toBe(0);
  expect(broker.stderr).toBe('');
});

it('output of Node or of a thread that cannot be written ends no broker', async () => {
  // The threads of the shards warn without end, and the main thread writes these warnings.
  const imported = "import{threadId}from'node:worker_threads'";
  const warned = "if(threadId>0)process.emitWarning('x')";
  const warnings = `data:text/javascript,${imported};setInterval(()=>{${warned}},20).unref()`;
  const command = ['bash', '-c', 'exec "$@" 2>/dev/full', '-', ...BROKER];
  await using broker = new Program(command, { env: { NODE_OPTIONS: `--import=${warnings}` } });
  await chat(await broker.port(), 'without a standard error');
  broker.signal('SIGTERM');
  expect(await broker.ended()).toBe(0);
});

it('a log that has filled the disk costs no mail, and counts its missing lines', async (context) => {
  const mounted = SmallDisk.mount(DISK_MIB);
  if (typeof mounted === 'string') return context.skip(mounted);
  using disk = mounted;
  const port = await freePort();
  const path = join(disk.path, 'broker.log');
  const file = openSync(path, 'a');
  const env = { PORT: String(port), LOG_LEVEL: 'debug', DATA_DIR: join(disk.path, 'data') };
  const log = () => readFileSync(path, 'utf8');
  {
    await using broker = new Program(BROKER, { env, stdout: file });
    closeSync(file);
    await reachable(port);
    await visit(port, 'carol');
    const dora = await Peer.connect(port);
    dora.send('dora\ncarol: kept\n');
    await dora.got('* carol is away: mail is held\n');
    await dora.leave();
    disk.fill();
    // Fills the room that is left in the last page of the log.
    for (let i = 0; i * MISDEED_CHARACTERS < PAGE_CHARACTERS; i++) await misbehave(port);
    await chat(port, 'on a full disk');
    disk.free();
    await chat(port, 'with room again');
    await until(() => /"msg":"\d+ log lines? (was|were) dropped"/.test(log()), 'the log to say what is missing');
    broker.signal('SIGTERM');
    expect(await broker.ended()).toBe(0);
    expect(log()).toContain('"msg":"stopped"');
  }
  await using next = new Program(BROKER, { env: { DATA_DIR: env.DATA_DIR } });
  const carol = await Peer.connect(await next.port());
  carol.send('carol\n');
  await carol.got('from dora: kept\n');
});
