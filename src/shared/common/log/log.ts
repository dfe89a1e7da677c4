/** The log of the broker: text for people on a terminal, JSON otherwise. It never has the body of a message. */
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLine } from '../../codes/log-line.ts';
import { LogLines } from './lines.ts';
import { standardOutput } from './outlet.ts';

export type Log = Logger;

/** The least time between two warnings of one kind. */
const WARNING_INTERVAL_MS = 5_000;
/** This many kinds of warnings are counted apart, and the rest together. */
const MAX_WARNING_KINDS = 64;
const STDOUT = 1;
/** The log shows this many characters of a name. */
const MAX_NAME_CHARACTERS = 64;
/** Characters that are invisible or that a terminal obeys: control, format and unassigned characters, and line ends. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The queues of all logs of this process; it has one as a rule. */
const outputs: LogLines[] = [];

/** How many lines of the logs of this process were dropped so far. */
export function droppedLogLines(): number {
  return outputs.reduce((sum, lines) => sum + lines.droppedInAll, 0);
}

/** Creates the log on standard output. @param level a level of pino, or `silent` */
export function createLog(level: string): Log {
  // Standard output is not touched before the first line.
  let output: DestinationStream | undefined;
  return pino(options(level), {
    write: (line) => {
      output ??= toStandardOutput();
      output.write(line);
    },
  });
}

function options(level: string): LoggerOptions {
  return { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
}

function toStandardOutput(): DestinationStream {
  const pretty = isatty(STDOUT)
    ? prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l' })
    : (line: string) => line;
  const lines = new LogLines(standardOutput(), (count) => pretty(droppedLine(count)));
  outputs.push(lines);
  process.once('exit', () => lines.end());
  return { write: (line) => lines.write(pretty(line)) };
}

/** @returns the line that tells how many lines were dropped. It has the form of any other line, at every log level. */
export function droppedLine(dropped: number): string {
  let said = '';
  const aside = pino(options('warn'), {
    write: (line) => {
      said = line;
    },
  });
  aside.warn({ dropped }, `${dropped} log line${dropped === 1 ? ' was' : 's were'} dropped`);
  return said;
}

/** @returns the name of a peer for the log: one line, shortened, and harmless on a terminal */
export function shortName(name: Uint8Array): string {
  const characters = [...Buffer.from(name.buffer, name.byteOffset, name.length).toString()];
  const shown = characters.slice(0, MAX_NAME_CHARACTERS).join('').replace(UNSEEN, asEscape);
  return characters.length > MAX_NAME_CHARACTERS ? `${shown}…` : shown;
}

function asEscape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Logs a line at the level of its code. */
export function say(log: Log, { code, level, fields, message }: LogLine): void {
  log[level]({ code, ...fields }, message);
}

/**
 * Logs the first warning of each kind at once, and then one in `intervalMs` at most. That one has the number of
 * warnings that were left out (`alsoUnsaid`).
 */
export class RateLimitedWarnings {
  readonly #log: Log;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { nextAt: number; unsaid: number }>();

  /**
   * @param intervalMs the least time between two warnings of one kind
   * @param now a monotonic clock, in milliseconds
   */
  constructor(log: Log, intervalMs = WARNING_INTERVAL_MS, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** Logs a warning, unless it is too soon. @param kind what is counted apart; the code if it is left out */
  warn(line: LogLine, kind: string = line.code): void {
    const key = this.#kinds.has(kind) || this.#kinds.size < MAX_WARNING_KINDS ? kind : 'other';
    const state = this.#kinds.get(key) ?? { nextAt: Number.NEGATIVE_INFINITY, unsaid: 0 };
    this.#kinds.set(key, state);
    const now = this.#now();
    if (now < state.nextAt) {
      state.unsaid++;
      return;
    }
    const fields = state.unsaid > 0 ? { ...line.fields, alsoUnsaid: state.unsaid } : line.fields;
    say(this.#log, { ...line, fields });
    state.nextAt = now + this.#intervalMs;
    state.unsaid = 0;
  }
}
