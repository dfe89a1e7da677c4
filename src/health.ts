/**
 * A health check: a peer that sends itself a message and waits for it. Its name begins with a tilde, so that it leaves
 * nothing behind. Exit code 0 if the message came round, 1 if not, in one line.
 */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { reachableHost, readConfig } from './config.ts';
import { EXIT_FAILED, messageOf } from './errors.ts';

const TIMEOUT_MS = 3_000;
/** Lines of the broker's own, also one that has not come to its end. */
const NOTICES = /^\*(?: .*)?(?:\n|$)/gm;

function roundTrip(host: string, port: number): Promise<void> {
  const name = `~health-${randomUUID().slice(0, 8)}`;
  const expected = `from ${name}: ping\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`${host}:${port} ${reason}`));
    };
    let received = '';
    socket.setTimeout(TIMEOUT_MS, () => fail(`did not answer within ${TIMEOUT_MS} ms`));
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(`${name}\n${name}: ping\n`));
    socket.once('error', (error) => fail(`is not reachable: ${error.message}`));
    socket.once('end', () => fail(`ended the session: ${received.trim()}`));
    socket.on('data', (chunk) => {
      received += chunk;
      const answer = received.replace(NOTICES, '');
      if (answer === expected) {
        socket.removeAllListeners('end');
        socket.end();
        resolve();
      } else if (!expected.startsWith(answer)) fail(`said something else: ${received.trim()}`);
    });
  });
}

try {
  const { HOST, PORT } = readConfig(process.env);
  await roundTrip(reachableHost(HOST), PORT);
} catch (error) {
  console.error(`unhealthy: ${messageOf(error)}`);
  process.exitCode = EXIT_FAILED;
}
