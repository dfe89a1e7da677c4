/** A free port, for a program that cannot report the port it has chosen. */
import { createServer } from 'node:net';

/**
 * By default the system gives outgoing connections ports from 32768 on. A lower port stays free until a program listens
 * on it, also while a broker restarts.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
