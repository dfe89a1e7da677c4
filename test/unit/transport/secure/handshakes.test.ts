/** Handshakes: how many there may be, how long they may take, and what the log has of those that fail. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../../src/shared/codes/log-line.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { createLog } from '../../../../src/shared/common/log/log.ts';
import { AddressList } from '../../../../src/shared/visitors/address-list.ts';
import type { Refusal } from '../../../../src/transport/listener.ts';
import { Credentials } from '../../../../src/transport/secure/credentials.ts';
import { type HandshakeLimits, Handshakes } from '../../../../src/transport/secure/handshakes.ts';
import type { TlsTransport } from '../../../../src/transport/secure/tls.ts';
import { onAccepted } from '../../../../src/transport/tcp.ts';
import type { Peer } from '../../../../src/transport/transport.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';
import { ratesOf, visitOf } from '../../shared/visitors/paper-rates.ts';

const PATIENT: HandshakeLimits = { atATime: 3, timeoutMs: 60_000, graceMs: 0 };
/** The first bytes of a handshake, which say that more follow. */
const BEGUN = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);

let certificates: Certificates;
beforeAll(async () => {
  certificates = await Certificates.make();
});
afterAll(() => certificates[Symbol.dispose]());

/** A port that takes connections by handshakes. */
class Port implements AsyncDisposable {
  readonly warned: LogLine[] = [];
  readonly taken: TlsTransport[] = [];
  readonly entered: (string | undefined)[] = [];
  readonly proxies = new AddressList([]);
  refusal: Refusal | undefined;
  rates = ratesOf();
  readonly handshakes: Handshakes;
  readonly #credentials: Credentials;
  readonly #server = createServer();
  readonly #clients: Socket[] = [];

  constructor(credentials: Credentials, limits: HandshakeLimits) {
    this.#credentials = credentials;
    const warnings = { warn: (line: LogLine) => void this.warned.push(line) };
    const notTls = () => ({ code: 'NOT_TLS', message: 'no', answer: Buffer.from('no\n') }) as const;
    const unproxied = (message: string) => ({ code: 'PROXY_REFUSED', message, answer: undefined }) as const;
    const enter = (peer: Peer) => {
      this.entered.push(peer.address);
      return this.refusal ?? visitOf(this.rates, peer.address ?? '');
    };
    const host = { notTls, unproxied, enter, proxies: this.proxies };
    this.handshakes = new Handshakes(credentials, warnings, host, limits);
  }

  static async open(limits = PATIENT, settings: object = {}): Promise<Port> {
    const config = readConfig({ ...certificates.settings, ...settings });
    const credentials = await Credentials.open(config, createLog('silent'));
    if (credentials === undefined) throw new Error('no TLS');
    const port = new Port(credentials, limits);
    port.#server.listen(0, '127.0.0.1');
    await once(port.#server, 'listening');
    onAccepted(port.#server, (handle) => port.handshakes.begin(handle, (transport) => port.taken.push(transport)));
    return port;
  }

  get counts() {
    return this.#credentials.handshakes.results;
  }

  get number(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A client that sends these bytes and no more. Resolves when its handshake is under way, or has ended. */
  async stalled(bytes: Uint8Array = BEGUN): Promise<Socket> {
    const client = connect(this.number, '127.0.0.1').on('error', () => undefined);
    this.#clients.push(client);
    await once(client, 'connect');
    if (bytes.length > 0) client.write(bytes);
    return client;
  }

  /** A client that does it right, and then stays. */
  async client(options: object = {}): Promise<TlsTransport> {
    const before = this.taken.length;
    const client = connectSecurely({ port: this.number, host: '127.0.0.1', ca: certificates.ca, ...options });
    this.#clients.push(client.on('error', () => undefined));
    await until(() => this.taken.length > before, 'the connection');
    return this.taken[before] as TlsTransport;
  }

  get problems(): unknown[] {
    return this.warned.map(({ code, fields }) => (fields as { problem?: string }).problem ?? code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    for (const transport of this.taken) transport.destroy();
    this.handshakes.close();
    this.#credentials.end();
    this.#server.close();
  }
}

describe('handshakes', () => {
  it('that stall are given up in time, whether they have begun or not', async () => {
    await using port = await Port.open({ ...PATIENT, timeoutMs: 50 });
    const [silent, begun] = [await port.stalled(Buffer.alloc(0)), await port.stalled()];
    await until(() => silent.destroyed && begun.destroyed, 'both to end');
    expect(port.problems).toEqual(['it took too long', 'it took too long']);
    expect([port.handshakes.underWay, port.counts]).toEqual([0, { done: 0, failed: 2, refused: 0 }]);
  });

  it('that are too many cost the oldest its place, and a client that does it right comes in', async () => {
    await using port = await Port.open();
    const stalled = [await port.stalled(), await port.stalled(), await port.stalled()];
    await until(() => port.handshakes.underWay === 3, 'all to be under way');
    await port.client();
    await until(() => stalled.some(({ destroyed }) => destroyed), 'one to end');
    expect(port.problems).toEqual(['others need its place']);
    expect([port.handshakes.underWay, port.counts]).toEqual([2, { done: 1, failed: 1, refused: 0 }]);
  });

  it('that are too many and all new keep their places, and the next is closed', async () => {
    await using port = await Port.open({ ...PATIENT, graceMs: 60_000 });
    for (let i = 0; i < 3; i++) await port.stalled();
    await until(() => port.handshakes.underWay === 3, 'all to be under way');
    const late = await port.stalled();
    await until(() => late.destroyed, 'the next to end');
    expect(port.problems).toEqual(['TLS_CROWDED']);
    expect([port.handshakes.underWay, port.counts.refused]).toEqual([3, 1]);
  });

  it.each([
    ['that is no TLS is answered', Buffer.from('bob\n'), 'NOT_TLS'],
    ['that is nonsense', Buffer.concat([Buffer.from([0x16, 3, 1, 0, 4]), Buffer.from('oops')]), expect.any(String)],
  ])('%s and ends', async (_what, bytes, problem) => {
    await using port = await Port.open();
    const client = await port.stalled(bytes);
    client.resume();
    await until(() => client.destroyed || client.readableEnded, 'the end');
    await until(() => port.problems.length === 1, 'the line of the log');
    expect(port.problems).toEqual([problem]);
  });

  it('whose client leaves end at once', async () => {
    await using port = await Port.open();
    const client = await port.stalled();
    await until(() => port.handshakes.underWay === 1, 'it to be under way');
    client.end();
    await until(() => port.handshakes.underWay === 0, 'it to end');
    expect(port.problems).toEqual(['the peer left before it was done']);
  });

  it('that are under way end with the port, and are no failures', async () => {
    const port = await Port.open();
    const client = await port.stalled();
    await until(() => port.handshakes.underWay === 1, 'it to be under way');
    await port[Symbol.asyncDispose]();
    await until(() => client.destroyed, 'it to end');
    expect([port.problems, port.counts.failed]).toEqual([[], 0]);
  });
});

describe('a connection that may not come', () => {
  it('is closed before its handshake, with a line in the log', async () => {
    await using port = await Port.open();
    port.refusal = { code: 'ADDRESS_CROWDED', message: 'no', answer: undefined };
    const client = await port.stalled();
    await until(() => client.destroyed, 'the end');
    expect([port.problems, port.handshakes.underWay]).toEqual([['ADDRESS_CROWDED'], 0]);
  });

  it('has left its address when its handshake fails, and has not when it is done', async () => {
    await using port = await Port.open();
    port.rates = ratesOf({ ADDRESS_CONNECTIONS: '1', RATE_LOOPBACK: 'on' });
    const stalled = await port.stalled();
    const room = () => 'leave' in port.rates.enter('127.0.0.1');
    await until(() => port.entered.length === 1, 'it to be counted');
    expect(room()).toBe(false);
    stalled.end();
    await until(() => port.handshakes.underWay === 0, 'it to end');
    await port.client();
    expect(room()).toBe(false);
  });
});

describe('a peer', () => {
  it('has the names of its certificate', async () => {
    await using port = await Port.open(PATIENT, { TLS_CLIENT_CA: certificates.caFile });
    const { peer } = await port.client(await certificates.authority.forClient('alice'));
    expect(peer).toMatchObject({ secure: true, address: '127.0.0.1', certificateNames: ['alice'] });
  });

  it('has none where no certificate is asked for', async () => {
    await using port = await Port.open();
    const { peer } = await port.client(await certificates.authority.forClient('alice'));
    expect([peer.secure, peer.certificateNames]).toEqual([true, undefined]);
  });
});
