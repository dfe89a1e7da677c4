/** A broker in this process, on a port that the system chooses. It is stopped when the test is over. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Broker } from '../../src/broker/broker.ts';
import { type Config, readConfig } from '../../src/shared/common/config.ts';
import { createLog, type Log } from '../../src/shared/common/log/log.ts';
import { kernelBacklog } from '../../src/transport/socket.ts';
import { ACCEPTED_CHANNEL } from '../../src/transport/tcp.ts';
import { temporaryFolder } from './folder.ts';
import { Peer } from './peer.ts';
import { ampleDrainSeconds } from './programs/process.ts';
import { until } from './until.ts';

export class TestBroker implements AsyncDisposable {
  readonly broker: Broker;
  readonly port: number;
  /** Where it speaks WebSocket, and the broker's sockets there, by the port of the peer. */
  readonly web: { readonly port: number; readonly sockets: ReadonlyMap<number, Socket> };
  /** The broker's socket of each connection, by the port of the peer. */
  readonly sockets: ReadonlyMap<number, Socket>;
  readonly #peers = new Set<Peer>();
  readonly #forget: () => void;

  constructor(broker: Broker, web: TestBroker['web'], sockets: ReadonlyMap<number, Socket>, forget: () => void) {
    this.web = web;
    this.broker = broker;
    this.port = broker.address.port;
    this.sockets = sockets;
    this.#forget = forget;
  }

  /** Connects without saying a name. */
  async connect(): Promise<Peer> {
    const peer = await Peer.connect(this.port);
    this.#peers.add(peer);
    return peer;
  }

  /** Connects under a name. Resolves when the peer has the name. The welcome is removed from the received text. */
  async peer(name: string): Promise<Peer> {
    const peer = await this.connect();
    peer.send(`${name}\n`);
    await this.quiet();
    peer.takeWelcome();
    return peer;
  }

  /** The broker's socket of a peer's connection. */
  endOf(peer: Peer): Socket | undefined {
    return this.sockets.get(peer.port);
  }

  /** The bytes of the write to a peer that the kernel has not taken. */
  backlogOf(peer: Peer): number | undefined {
    const end = this.endOf(peer);
    return end && kernelBacklog(end);
  }

  /** Waits until every byte that peers sent is processed, and every byte that follows from it has arrived. */
  async quiet(): Promise<void> {
    const routed = () => [...this.#peers].every((peer) => this.#hasRead(peer)) && !this.broker.hasUnrouted;
    await until(routed, 'the broker to read what was sent, and to route it');
    while ((await this.broker.flushed()).storing) await this.broker.flushed();
    await this.broker.flushed();
    await until(() => [...this.#peers].every((peer) => this.#hasArrived(peer)), 'what was written to arrive');
  }

  /** How many messages wait in mailboxes. */
  async held(): Promise<number> {
    return (await this.broker.view.stats()).heldMessages;
  }

  /** Waits until all mailboxes are empty, and their mail has arrived. */
  async emptied(): Promise<void> {
    while ((await this.held()) > 0) await this.quiet();
    await this.quiet();
  }

  /** Closes all peers. Resolves when the broker has nothing left of them. */
  async clear(): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    this.#peers.clear();
    await until(() => this.broker.view.sessions().length === 0, 'all connections to close');
    await this.broker.flushed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    await this.broker.view.drain();
    this.#forget();
  }

  #hasRead(peer: Peer): boolean {
    const end = this.endOf(peer);
    if (end === undefined) return false;
    if (end.destroyed) return true;
    return end.bytesRead >= peer.sentBytes && (!peer.hasEnded || end.readableEnded);
  }

  #hasArrived(peer: Peer): boolean {
    const end = this.endOf(peer);
    if (end === undefined || peer.frozen || peer.destroyed) return true;
    const ended = end.writableFinished ? peer.sawEnd : !end.writableEnded;
    return (end.destroyed || ended) && peer.receivedBytes === end.bytesWritten;
  }
}

/**
 * Starts a broker with these settings, a silent log, and a free port.
 * @param reread what a reload reads, if it is not the same
 */
export async function startBroker(
  settings: Partial<Record<keyof Config, string | number>> = {},
  log: Log = createLog('silent'),
  reread?: (config: Config) => Promise<Config>,
): Promise<TestBroker> {
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const folder = temporaryFolder();
  const places = { PORT: '0', HTTP_PORT: '0', DATA_DIR: folder.path };
  const defaults = { ...places, SHARDS: '2', DRAIN_SECONDS: ampleDrainSeconds() };
  const config = readConfig({ ...defaults, ...env });
  const sockets = new Map<number, Socket>();
  const broker = await Broker.start(config, log, undefined, reread && (() => reread(config)));
  const { port } = broker.address;
  const web = { port: Number(new URL(broker.httpUrl ?? 'http://none:0').port), sockets: new Map<number, Socket>() };
  const note = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    const { localPort, remotePort = 0 } = socket;
    if (localPort === port) sockets.set(remotePort, socket);
    else if (localPort === web.port) web.sockets.set(remotePort, socket);
  };
  const channels = [ACCEPTED_CHANNEL, 'net.server.socket'];
  for (const channel of channels) subscribe(channel, note);
  return new TestBroker(broker, web, sockets, () => {
    for (const channel of channels) unsubscribe(channel, note);
    folder[Symbol.dispose]();
  });
}
