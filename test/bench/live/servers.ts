/**
 * The servers that are measured, each a process of its own on a free port of the loopback, with a folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { paced } from '../../helpers/pace/pace.ts';
import { BenchBroker, type BrokerOptions } from '../common/broker.ts';
import { endWithUs, removeWithUs, stopChild } from '../common/children.ts';
import type { PeerName } from './generator/protocols/all.ts';
import type { Shape } from './generator/protocols/protocol.ts';
import { relayFrameBytes } from './generator/protocols/relay.ts';
import { RECEIVER_WINDOW } from './job.ts';

const HOST = '127.0.0.1';
const START_LIMIT_MS = paced(20_000);
/** Found from here, not from the folder that a process is started in. */
const TSX = import.meta.resolve('tsx');
const START_TRIES = 3;
const LOOK_MS = 20;
const SCRAPE_EVERY_MS = 1_000;
/** How our broker is started where it is compared with itself. */
const PLAINLY = {};
/** Distributions put servers where the PATH of a user may not lead. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];
/** Redis has two connections a peer. */
const REDIS_CLIENTS = '30000';
/** Clients that come at once wait in the queue of the system. With less than this, what is measured is that. */
const BACKLOG = '4096';
/** Every write is synced before its reply. The file is not written anew while it is measured. */
const REDIS_SYNCED = ['--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-percentage', '0'];

export interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** A program's name, and its arguments. */
type Command = (port: number, folder: string, shape: Shape) => readonly [string, ...string[]];

const mosquitto: Command = (port, folder, shape) => ['mosquitto', '-c', mosquittoConfiguration(port, folder, shape)];

const COMMANDS: Readonly<Record<Exclude<PeerName, 'restante' | 'plain' | 'json'>, Command>> = {
  redis: (port, folder, { speech }) => [
    'redis-server',
    ...['--port', String(port), '--bind', HOST, '--maxclients', REDIS_CLIENTS, '--tcp-backlog', BACKLOG],
    ...['--save', '', '--dir', folder, ...(speech === 'durable' ? REDIS_SYNCED : ['--appendonly', 'no'])],
  ],
  nats: (port, folder, { speech }) =>
    speech === 'web'
      ? ['nats-server', '-c', natsConfiguration(port, folder)]
      : [
          ...(['nats-server', '-a', HOST, '-p', String(port)] as const),
          ...(speech === 'ack' || speech === 'durable' ? ['-js', '-sd', folder] : []),
        ],
  mosquitto,
  'mosquitto-2': mosquitto,
  relay: (port, _folder, shape) => [
    process.execPath,
    ...['--import', TSX, fileURLToPath(new URL('relay-process.ts', import.meta.url))],
    ...[port, shape.connections, shape.fan, relayFrameBytes(shape), BACKLOG].map(String),
  ],
};

/** The program that a peer needs, if it needs one that may not be here. */
const PROGRAMS: Readonly<Partial<Record<PeerName, string>>> = {
  redis: 'redis-server',
  nats: 'nats-server',
  mosquitto: 'mosquitto',
  'mosquitto-2': 'mosquitto',
};

/** The program of a peer that is not on this machine; undefined if nothing is missing. */
export function missingProgram(peer: PeerName): string | undefined {
  const program = PROGRAMS[peer];
  return program === undefined || find(program) !== undefined ? undefined : program;
}

/**
 * Starts a server; resolves when it takes connections.
 * @throws if it does not in time, on several ports
 */
export async function startServer(peer: PeerName, shape: Shape, broker: BrokerOptions): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'restante-bench-'));
  removeWithUs(folder);
  try {
    const server =
      peer === 'restante' || peer === 'plain' || peer === 'json'
        ? await startBroker(broker, folder, peer === 'restante' ? shape : PLAINLY)
        : await startOther(COMMANDS[peer], folder, shape);
    const stop = async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    };
    return { pid: server.pid, port: server.port, [Symbol.asyncDispose]: stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** @param shape of programs over WebSocket, whose port is another one; or of peers beside a scraper */
async function startBroker(
  options: BrokerOptions,
  folder: string,
  { speech, scraped }: Partial<Shape>,
): Promise<Server> {
  const web = speech === 'web' || scraped === true ? await freePort() : undefined;
  const http = web === undefined ? {} : { HTTP_PORT: String(web) };
  const broker = await BenchBroker.start(options, folder, { MAX_CONNECTIONS: 'unlimited', ...http });
  const scraper = scraped === true ? setInterval(() => void scrape(web), SCRAPE_EVERY_MS) : undefined;
  const stop = async () => {
    clearInterval(scraper);
    await broker[Symbol.asyncDispose]();
  };
  return { pid: broker.pid, port: speech === 'web' && web ? web : broker.port, [Symbol.asyncDispose]: stop };
}

/** Asks for the metrics, and reads them. The last time the broker may have ended. */
async function scrape(port: number | undefined): Promise<void> {
  const answer = await fetch(`http://${HOST}:${port}/metrics`).catch(() => undefined);
  await answer?.text().catch(() => undefined);
}

async function startOther(command: Command, folder: string, shape: Shape): Promise<Server> {
  for (let tries = 1; ; tries++) {
    // Nothing holds the port from here to the server's start: another program may have taken it then.
    const port = await freePort();
    const [program, ...args] = command(port, folder, shape);
    const child = spawn(find(program) ?? program, args, { stdio: 'ignore', cwd: folder });
    endWithUs(child);
    child.on('error', () => undefined); // then it does not listen
    if (await listens(child, port)) {
      return { pid: child.pid ?? 0, port, [Symbol.asyncDispose]: () => stopChild(child) };
    }
    await stopChild(child);
    if (tries === START_TRIES) throw new Error(`${program} does not listen`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function listens(child: ChildProcess, port: number): Promise<boolean> {
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit && child.exitCode === null && child.signalCode === null) {
    if (await accepts(port)) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: HOST, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function find(program: string): string | undefined {
  if (program.startsWith('/')) return program;
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, program)).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The other port, for clients that speak no WebSocket, is any. */
function natsConfiguration(port: number, folder: string): string {
  const path = join(folder, 'nats.conf');
  writeFileSync(path, `listen: "${HOST}:-1"\nwebsocket { listen: "${HOST}:${port}", no_tls: true }\n`);
  return path;
}

/** Without TCP_NODELAY its latency would be that of Nagle's algorithm; without limits it drops nothing. */
function mosquittoConfiguration(port: number, folder: string, { speech }: Shape): string {
  const path = join(folder, 'mosquitto.conf');
  writeFileSync(
    path,
    [
      `listener ${port} ${HOST}`,
      'allow_anonymous true',
      'set_tcp_nodelay true',
      `max_inflight_messages ${speech === 'ack' ? RECEIVER_WINDOW : 0}`,
      'max_queued_messages 0',
      'persistence false',
      '',
    ].join('\n'),
  );
  return path;
}
