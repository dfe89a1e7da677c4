/**
 * The broker's log: lines for people on a terminal, JSON otherwise. Never a message's body.
 */
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLine } from '../../codes/log-line.ts';
import { LogLines } from './lines.ts';
import { standardOutput } from './outlet.ts';

export type Log = Logger;

/** How often a warning of one kind may be said. */
const WARNING_INTERVAL_MS = 5_000;
/** Kinds of warning that are counted apart; past that they are counted together. */
const MAX_WARNING_KINDS = 64;
const STDOUT = 1;
/** What the log shows of a name at most. */
const MAX_NAME_CHARACTERS = 64;
/** What nobody sees, or a terminal obeys: control, format and unassigned characters, and line ends. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** @param level a level of pino's, or 'silent' */
export function createLog(level: string): Log {
  // The standard output is left alone until there is something to say.
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
  process.once('exit', () => lines.end());
  return { write: (line) => lines.write(pretty(line)) };
}

/** The line that says how many are missing: as the others are, at whatever level the log is. */
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

/** A peer's name for the log: of one line, shortened, and harmless to who reads it on a terminal. */
export function shortName(name: Uint8Array): string {
  const characters = [...Buffer.from(name.buffer, name.byteOffset, name.length).toString()];
  const shown = characters.slice(0, MAX_NAME_CHARACTERS).join('').replace(UNSEEN, asEscape);
  return characters.length > MAX_NAME_CHARACTERS ? `${shown}…` : shown;
}

function asEscape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Says a line about a code, at the level of the code. */
export function say(log: Log, { code, level, fields, message }: LogLine): void {
  log[level]({ code, ...fields }, message);
}

/** Says each kind of warning at once, then at most every five seconds, with how many were not said. */
export class RateLimitedWarnings {
  readonly #log: Log;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { nextAt: number; unsaid: number }>();

  /** @param now a monotonic clock in milliseconds */
  constructor(log: Log, intervalMs = WARNING_INTERVAL_MS, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** @param kind what is counted apart, where that is not the code */
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
