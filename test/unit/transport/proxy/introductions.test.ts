/** Connections of proxies, until their headers have come. */
import { describe, expect, it } from 'vitest';
import { AddressList } from '../../../../src/shared/visitors/address-list.ts';
import { clientOf } from '../../../../src/transport/proxy/forwarded-for.ts';
import { INTRODUCTION_MS, Introductions, MAX_INTRODUCTIONS } from '../../../../src/transport/proxy/introductions.ts';
import { type ByteSink, DEAF, type Peer } from '../../../../src/transport/transport.ts';
import { PaperTime } from '../../shared/visitors/paper-rates.ts';
import { binary, V6, value } from './samples.ts';

const PROXY: Peer = { address: '10.0.0.5', port: 4000, text: '10.0.0.5:4000', secure: false };

class PaperConnection {
  peer = PROXY;
  sink: ByteSink = DEAF;
  rest = '';
  paused = false;
  destroyed = false;
  became: string | undefined;
  start(sink: ByteSink): void {
    this.sink = sink;
  }
  pause(): void {
    this.paused = true;
  }
  introduce(peer: Peer, rest: Buffer): void {
    this.peer = peer;
    this.rest = rest.toString('latin1');
  }
  destroy(): void {
    this.destroyed = true;
  }
  says(bytes: Buffer): void {
    this.sink.read(bytes, bytes.length);
    bytes.fill(0); // the next read of any socket overwrites it
  }
}

function begun(introductions: Introductions): PaperConnection {
  const connection = new PaperConnection();
  introductions.begin(connection, {
    take: () => {
      connection.became = 'taken';
    },
    refuse: (problem) => {
      connection.became = problem;
    },
  });
  return connection;
}

const header = () => binary(0x21, 0x21, Buffer.concat([V6, value(4, Buffer.alloc(9))]));

describe('the connection of a proxy', () => {
  it('has the address of its client, wherever the header is cut, and what was read behind it', () => {
    const introductions = new Introductions(new PaperTime().startTimer);
    const all = Buffer.concat([header(), Buffer.from('bob\nal')]);
    for (let at = 1; at < all.length; at++) {
      const connection = begun(introductions);
      connection.says(Buffer.from(all.subarray(0, at)));
      if (connection.became === undefined) connection.says(Buffer.from(all.subarray(at)));
      const { address, port, text, socket } = connection.peer;
      expect([address, port, text]).toEqual(['2001:db8::7', 1234, '[2001:db8::7]:1234']);
      expect(socket).toEqual({ address: '10.0.0.5', port: 4000 });
      const read = Math.max(at, header().length) === at ? 'bob\nal'.slice(0, at - header().length) : 'bob\nal';
      expect([connection.became, connection.rest, connection.paused]).toEqual(['taken', read, true]);
    }
    expect(introductions.underWay).toBe(0);
  });

  it('is refused when it begins otherwise, is late or leaves, and only once', () => {
    const time = new PaperTime();
    const introductions = new Introductions(time.startTimer);
    const [other, late, left] = [begun(introductions), begun(introductions), begun(introductions)];
    other.says(Buffer.from('bob\n'));
    left.says(header().subarray(0, 20));
    left.sink.end(false);
    time.pass(INTRODUCTION_MS - 1);
    expect([late.became, introductions.underWay]).toEqual([undefined, 1]);
    time.pass(1);
    late.says(header());
    left.sink.closed();
    expect([other, late, left].map(({ became }) => became)).toEqual([
      'it has not begun with a header of the PROXY protocol',
      'its header has not come in time',
      'it has left',
    ]);
    expect([introductions.underWay, time.waiting]).toEqual([0, 0]);
  });

  it('is refused when too many wait, and those that wait end with the port', () => {
    const introductions = new Introductions(new PaperTime().startTimer);
    const waiting = Array.from({ length: MAX_INTRODUCTIONS }, () => begun(introductions));
    expect(begun(introductions).became).toBe('too many of its headers are due');
    introductions.close();
    expect(waiting.every(({ destroyed }) => destroyed)).toBe(true);
  });
});

describe('the client of a request', () => {
  const proxies = new AddressList(['10.0.0.0/8', 'fd00::/8']);

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['203.0.113.1, 192.0.2.7', '192.0.2.7'],
    ['192.0.2.7, 10.0.0.9, fd00::9', '192.0.2.7'],
    ['127.0.0.1, 192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['10.0.0.9', '10.0.0.9'],
    ['192.0.2.7:80', '192.0.2.7'],
    ['[2001:db8::1]:3, [fd00::9]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1:80', '2001:db8::1:80'],
    ['192.0.2.7:', '10.0.0.5'],
    ['nonsense', '10.0.0.5'],
    ['192.0.2.7, nonsense, 10.0.0.9', '10.0.0.9'],
    ['', '10.0.0.5'],
    [undefined, '10.0.0.5'],
  ])('of a proxy that says %j is %s', (said, address) => {
    expect(clientOf(PROXY, said, proxies).address).toBe(address);
  });

  it('of anybody else is the other end of the socket, whatever it says', () => {
    const peer = { ...PROXY, address: '192.0.2.8' };
    expect(clientOf(peer, '127.0.0.1', proxies)).toBe(peer);
  });

  it('is looked for no further than through so many proxies', () => {
    expect(clientOf(PROXY, `192.0.2.7,${'10.0.0.9,'.repeat(5_000)}10.0.0.9`, proxies).address).toBe('10.0.0.9');
  });
});
