/** Numbered mail, to check that no message is lost, repeated or out of order. */
import type { Peer } from './peer.ts';
import { until } from './until.ts';

/** Lines `TO: NUMBER PADDING` for the numbers [first, end), each about `bytes` long. */
export function numbered(to: string, first: number, end: number, bytes = 16): string {
  const padding = 'x'.repeat(bytes);
  let lines = '';
  for (let i = first; i < end; i++) lines += `${to}: ${i} ${padding}\n`;
  return lines;
}

/** The numbers in the whole lines `from FROM: NUMBER ...` of the received text, in order. */
export function numbersFrom(from: string, received: string): number[] {
  const whole = received.slice(0, received.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line.startsWith(`from ${from}: `))
    .map((line) => Number.parseInt(line.slice(`from ${from}: `.length), 10));
}

/** Waits until `peer` has received number `last` of `from`. The lines are at most `bytes` long. */
export function gotNumber(peer: Peer, from: string, last: number, bytes = 60_000): Promise<void> {
  return until(() => numbersFrom(from, `\n${peer.tail(bytes)}`).at(-1) === last, `number ${last} from ${from}`);
}

/** The numbers [first, end). */
export function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}
