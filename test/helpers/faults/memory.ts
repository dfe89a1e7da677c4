/**
 * The memory of the system's TCP. A test may need more of it than there is, and then the system cuts connections off.
 */
import { readFileSync } from 'node:fs';

/** How many connections the system has cut off so far because its TCP memory was full. */
export function cutOffForMemory(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'));
  return Number(values.split(' ')[names.split(' ').indexOf('TCPAbortOnMemory')] ?? 0);
}
