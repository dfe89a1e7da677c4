/** A port for a program that cannot say which one it has. */
import { createServer } from 'node:net';

/**
 * Connections have ports from 32768 on, where the system is not told otherwise. A lower port stays free until it is
 * listened on, and while a broker starts again, however many connections are made meanwhile.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** A port that is free now. */
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
