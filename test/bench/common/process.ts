/** What Linux says of a process: its memory, and the processor time it has used. */
import { readFileSync } from 'node:fs';

const KIB = 1024;
/** Linux counts in hundredths of a second for everybody who asks (USER_HZ), whatever its own clock is. */
const TICKS_PER_SECOND = 100;
/** Behind the name, in brackets, come the state and nine others; then user time and system time. */
const USER_TIME_FIELD = 11;

/** A size of /proc/PID/status: `VmRSS` is what is resident, `VmHWM` the most that ever was. */
export function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * KIB;
}

/** Processor time that all threads of a process have used, in the system and outside it. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TIME_FIELD]) + Number(fields[USER_TIME_FIELD + 1])) / TICKS_PER_SECOND;
}
