/** A connection that is accepted by its handle: what Node would do for a socket of its own is done for it. */
import type { Server } from 'node:net';
import { expect, it } from 'vitest';
import { type AcceptedHandle, numberOf, onAccepted, TcpTransport } from '../../../src/transport/tcp.ts';

/** A server whose handle has counted its calls. */
function server() {
  const byNode: [status: number, isOnHandle: boolean][] = [];
  const handle = {
    onconnection(status: number): void {
      byNode.push([status, this === handle]);
    },
  };
  return { byNode, handle, server: { _handle: handle } as unknown as Server };
}

it('the handle of a connection is passed on, and a failed accept goes to Node as before', () => {
  const { byNode, handle, server: of } = server();
  const accepted: unknown[] = [];
  onAccepted(of, (connection) => accepted.push(connection));
  const calls = handle as unknown as { onconnection(status: number, connection?: AcceptedHandle): void };
  const connection = {};
  calls.onconnection(0, connection);
  calls.onconnection(-24);
  expect([accepted, byNode]).toEqual([[connection], [[-24, true]]]);
});

it('a version of Node without such a handle is refused', () => {
  for (const _handle of [null, undefined, {}]) {
    const of = { _handle } as unknown as Server;
    expect(() => onAccepted(of, () => undefined)).toThrow('this version of Node');
  }
});

it('a connection sends without delay, is probed when it is idle, and reads into the buffer of all', () => {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
      return 0;
    };
  const handle = {
    fd: 7,
    getAsyncId: () => 1,
    getpeername: (out: object) => Number(Object.assign(out, { address: '192.0.2.1', port: 9 }) === undefined),
    readStart: () => 0,
    setNoDelay: note('no delay'),
    setKeepAlive: note('keep alive'),
    useUserBuffer: note('buffer'),
  };
  const readBuffer = Buffer.alloc(8);
  const transport = new TcpTransport(handle, readBuffer);
  // Newer versions of Node also say how often it is probed.
  expect(calls.map((call) => call.slice(0, 3))).toEqual([
    ['buffer', readBuffer],
    ['no delay', true],
    ['keep alive', true, 60],
  ]);
  expect([transport.peer.text, numberOf(handle)]).toEqual(['192.0.2.1:9', 7]);
});
