/**
 * The memory of the system's TCP: what a test asks of it may be more than there is, and then connections are cut off.
 */
import { readFileSync } from 'node:fs';

/** How many connections this system has cut off so far because its memory for TCP was full. */
export function cutOffForMemory(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'));
  return Number(values.split(' ')[names.split(' ').indexOf('TCPAbortOnMemory')] ?? 0);
}
