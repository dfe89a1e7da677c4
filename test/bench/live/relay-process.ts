/**
 * The bare relay's process: the least that a server on Node can do. It reads a socket, and writes the same bytes to the
 * sockets of the next group. It knows the length of a message, because two senders' messages must not be mixed, and
 * never looks into one.
 */
import { createServer, type Socket } from 'node:net';
import { RELAY_GREETING_BYTES, RELAY_WELCOME } from './generator/protocols/relay.ts';

const [port = 0, connections = 0, fan = 0, frameBytes = 0, backlog = 0] = process.argv.slice(2).map(Number);
const peers: Socket[] = [];

function relayFrom(socket: Socket, peer: number): void {
  const first = ((Math.floor(peer / fan) + 1) * fan) % connections;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
    const whole = bytes.length - (bytes.length % frameBytes);
    rest = bytes.subarray(whole);
    if (whole === 0) return;
    for (let i = first; i < first + fan; i++)
      peers[i]?.write(whole === bytes.length ? bytes : bytes.subarray(0, whole));
  });
}

/**
 * What a peer says first is its number: the order in which connections are accepted is not the order they were made in.
 */
function greet(socket: Socket): void {
  socket.once('data', (greeting: Buffer) => {
    if (greeting.length !== RELAY_GREETING_BYTES) {
      socket.destroy();
      return;
    }
    const peer = Number(greeting.toString('latin1', 1));
    peers[peer] = socket;
    relayFrom(socket, peer);
    socket.write(RELAY_WELCOME);
  });
}

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  greet(socket);
}).listen({ port, host: '127.0.0.1', backlog });
