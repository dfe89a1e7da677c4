/**
 * The most memory that the process can take, whatever is sent to it. The bound follows from the settings and from
 * limits in the code. It is no forecast: it adds up all parts as if each were full at the same time.
 */
import { MAX_HTTP_CONNECTIONS } from '../http/connections.ts';
import { MAX_MAIL_MESSAGES, MAX_READERS } from '../http/messages/http-programs.ts';
import { MAX_UNANSWERED } from '../http/requests/open-answers.ts';
import { HTTP_CONNECTION_BYTES } from '../http/server.ts';
import { MOST_COST_BYTES } from '../router/cost-mark.ts';
import { HIGH_WATER_BYTES } from '../router/outbox.ts';
import { MAX_FILE_BYTES } from '../session/auth/accounts/state.ts';
import { FAILURES_BYTES } from '../session/auth/limits/failures.ts';
import { PASSWORD_BYTES } from '../session/auth/proofs/password-checks.ts';
import { MAX_WATCHES } from '../session/presence.ts';
import { GATE_BYTES } from '../session/reader/name-gate.ts';
import { FULL_MEMORY_BYTES, HANDED_BYTES } from '../shards/shard-settings.ts';
import { largestFrameBytes, reportAfterBytes } from '../shards/window-sizes.ts';
import type { Config } from '../shared/common/config.ts';
import { WRITE_BUFFER_BYTES } from '../shared/memory/write-buffers.ts';
import { CROWDS_BYTES } from '../shared/visitors/crowd.ts';
import { BACKUP_BYTES } from '../store/backup/backup.ts';
import { MAX_HANDSHAKES } from '../transport/secure/handshakes.ts';
import { MAX_MESSAGE_PARTS, maxMessageBytes } from '../transport/websocket/gate.ts';
import { HISTORY_SAMPLES, SAMPLE_BYTES, SAMPLE_SHARD_BYTES } from './admin/history.ts';

const MIB = 1024 * 1024;
/**
 * Node, the code, the heap of the main thread, the database, and memory that the C library keeps after it was freed.
 */
const FIXED_BYTES = 192 * MIB;
/**
 * One shard: its thread and heap, its part of the arena, and two groups of the group commit (one is gathered while the
 * other is written).
 */
const THREAD_BYTES = 64 * MIB;
/** Segments that grow by doubling take up to twice what is in them. */
const PACKED = 2;
/** One session with its socket, writer and timers. */
const SESSION_BYTES = 24 * 1024;
/** One part of a message of a WebSocket, beside its bytes. Measured: 140 for a read, 210 for a frame. */
const MESSAGE_PART_BYTES = 256;
/** A read of a WebSocket. */
const READ_BYTES = 64 * 1024;
/** What TLS adds to one connection, beside what is written: its keys, its buffers, and two streams. */
const TLS_CONNECTION_BYTES = 60 * 1024;
/** Stored mail of one mailbox that is read at a time, however little memory is left (workers/mailbox/disk/disk.ts). */
const LEAST_READ_BYTES = 8 * 1024;
/** One name in the table of its shard, without the bytes of the name itself: long names are rare. */
const NAME_BYTES = 1_200;

/**
 * One remembered send of a program, beside its two names: the longest id, which has 768 bytes if each of its bytes is
 * escaped, and the entry with its text.
 */
const SEND_BYTES = 1_024;

/** One watched name of one session, of 256 bytes and with a change that was not told yet. Measured. */
const WATCH_BYTES = 1_000;

/** A character of a message that takes most in JSON, a control character, takes so many bytes there. */
const ESCAPED = 6;
/** A message that is given out over HTTP, beside its bytes. */
const MAIL_MESSAGE_BYTES = 512;
/** What knows of accounts takes: the file as text, as objects and as it was before, failed logins, and the threads. */
const AUTH_BYTES = 6 * MAX_FILE_BYTES + FAILURES_BYTES + PASSWORD_BYTES;

/** The parts of the bound, in bytes. A part is `Infinity` where its setting is unlimited. */
export interface MemoryBound {
  readonly fixed: number;
  readonly shards: number;
  /** Mail in all writers and mailboxes, however many there are. */
  readonly mail: number;
  readonly connections: number;
  readonly names: number;
  /** The sends of programs that are remembered to recognize repeats. */
  readonly sends: number;
  /** The connections of HTTP, each with a body, mail that is read over it, and the samples of the last ten minutes. */
  readonly http: number;
  /** What TLS adds, if all connections have it. */
  readonly tls: number;
  readonly total: number;
}

/** Computes the bound for these settings. */
export function memoryBound(config: Config): MemoryBound {
  const fixed = FIXED_BYTES + CROWDS_BYTES + MAX_WATCHES * WATCH_BYTES + (config.AUTH === 'off' ? 0 : AUTH_BYTES);
  const sends = config.DEDUPE_SECONDS === 0 ? 0 : config.DEDUPE_MAX * (SEND_BYTES + 2 * config.MAX_NAME_BYTES);
  const shards = config.SHARDS * (THREAD_BYTES + MOST_COST_BYTES + HIGH_WATER_BYTES);
  const inMemory = config.HOLD_SECONDS === 0 ? config.HELD_MAX_BYTES : FULL_MEMORY_BYTES;
  const mail = PACKED * (HANDED_BYTES + inMemory);
  const connections = config.MAX_CONNECTIONS * connectionBytes(config);
  const names = config.HOLD_SECONDS === 0 ? 0 : config.MAX_NAMES * NAME_BYTES;
  const http = httpBytes(config);
  const tls = tlsBytes(config);
  const total = fixed + shards + mail + connections + names + sends + http + tls;
  return { fixed, shards, mail, connections, names, sends, http, tls, total };
}

/**
 * The memory of one connection, beyond what all share: part of a line, a piece that was read and waits, and two frames.
 */
function connectionBytes(config: Config): number {
  const line = PACKED * config.MAX_LINE_BYTES;
  const frames = 2 * largestFrameBytes(config) + reportAfterBytes(config) + LEAST_READ_BYTES;
  // The piece waits for a shard or for the next turn. Or the gate keeps it until the name is the session's own, and one
  // more read follows.
  const kept = 2 * GATE_BYTES;
  return SESSION_BYTES + line + kept + frames + webSocketBytes(config);
}

/**
 * What a WebSocket takes beside that: a message in as many frames and reads as it may have, and the read that ended it,
 * whose other messages wait.
 */
function webSocketBytes({ HTTP_PORT, MAX_LINE_BYTES }: Config): number {
  if (HTTP_PORT === 'off') return 0;
  return maxMessageBytes(MAX_LINE_BYTES) + 2 * MAX_MESSAGE_PARTS * MESSAGE_PART_BYTES + READ_BYTES;
}

/**
 * The connections, the mail that is given out over HTTP (as objects, and once more in an answer), and the samples of
 * the last ten minutes.
 */
function httpBytes({ HTTP_PORT, MAX_LINE_BYTES, SHARDS, WRITE_WINDOW_BYTES }: Config): number {
  if (HTTP_PORT === 'off') return 0;
  const mail = 2 * ESCAPED * (WRITE_WINDOW_BYTES + MAX_LINE_BYTES) + MAX_MAIL_MESSAGES * MAIL_MESSAGE_BYTES;
  const history = HISTORY_SAMPLES * (SAMPLE_BYTES + SHARDS * SAMPLE_SHARD_BYTES);
  const connection = HTTP_CONNECTION_BYTES + MAX_UNANSWERED * PACKED * MAX_LINE_BYTES;
  // One backup, which has the file of accounts as text and as bytes.
  const backup = BACKUP_BYTES + 2 * MAX_FILE_BYTES;
  return MAX_HTTP_CONNECTIONS * connection + MAX_READERS * mail + history + backup;
}

/** The ciphertext of a write, which is 64 KiB or one frame, lies beside the write until the system has taken it. */
function tlsBytes(config: Config): number {
  const { TLS_CERT, TLS_PORT, HTTP_PORT, MAX_CONNECTIONS } = config;
  if (TLS_CERT === 'none') return 0;
  const write = Math.max(WRITE_BUFFER_BYTES, largestFrameBytes(config));
  const handshakes = MAX_HANDSHAKES * (SESSION_BYTES + TLS_CONNECTION_BYTES);
  const lines = TLS_PORT === 'off' ? 0 : MAX_CONNECTIONS * (TLS_CONNECTION_BYTES + write) + handshakes;
  return lines + (HTTP_PORT === 'off' ? 0 : MAX_HTTP_CONNECTIONS * TLS_CONNECTION_BYTES);
}

/** A size for people to read, such as `4.5 GiB`. @param bytes `Infinity` gives `unlimited` */
export function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'unlimited';
  for (const [unit, size] of [
    ['TiB', 1024 * 1024 * MIB],
    ['GiB', 1024 * MIB],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return `${Math.ceil(bytes / MIB)} MiB`;
}

/** The bound as one line of the log. */
export function boundText(config: Config): string {
  const { total, connections, names } = memoryBound(config);
  if (!Number.isFinite(total)) return 'memory has no bound: a limit that it follows from is unlimited';
  const of = `${sizeText(connections)} of it for ${config.MAX_CONNECTIONS} connections`;
  return `memory is bound to ${sizeText(total)}: ${of}, ${sizeText(names)} for ${config.MAX_NAMES} names`;
}
