/**
 * What the log tells the operator, each code with its level and its text. docs/OPERATIONS.md says what to do about
 * each. The codes of sessions that end are in session-ends.ts.
 */
import type { LogLevel } from './log-line.ts';
import type { FieldsOf, Template } from './template.ts';

/** What to do when there are too few open files. */
export const RAISE_OPEN_FILES =
  'raise the limit of open files ("ulimit -n", LimitNOFILE of systemd, ulimits of Compose)';

interface Said {
  readonly level: LogLevel;
  readonly text: Template;
}

/** The level and the text of each code. */
export const OPERATOR_CODES = {
  STORE_FULL: { level: 'warn', text: () => 'the disk is full: no new mail is held until there is room' },
  STORE_FAILED: {
    level: 'warn',
    text: () => 'the store cannot be written: no new mail is held until a retry succeeds',
  },
  STORE_GONE: {
    level: 'warn',
    text: () =>
      'DATA_DIR was deleted, moved or replaced: no new mail is held until it is back, or the broker is restarted',
  },
  STORE_CLOSED: {
    level: 'warn',
    text: () => 'the store is closed and cannot be opened now: mail on disk waits until a retry succeeds',
  },
  STORE_DAMAGED: {
    level: 'warn',
    text: () => 'the store is damaged: no new mail is held; stop the broker, and mend it with the mail tool: "repair"',
  },
  STORE_PASSED_OVER: { level: 'warn', text: () => 'a part of the store is damaged, and passed over' },
  STORE_UNREADABLE: { level: 'warn', text: () => 'held mail cannot be read' },
  MAIL_MISSING: {
    level: 'warn',
    text: ({ reason }: { readonly reason: string }) => `held mail is damaged or not there: ${reason}`,
  },
  BACKUP_FAILED: {
    level: 'warn',
    text: ({ reason }: { readonly reason: string }) => `a backup has failed: ${reason}`,
  },
  STORE_WAS_OPEN_TO_OTHERS: {
    level: 'warn',
    text: () => 'other users could read held mail: DATA_DIR is its owner’s alone now',
  },
  STORE_OPEN_TO_OTHERS: {
    level: 'warn',
    text: () => 'other users may read held mail, and DATA_DIR is not this user’s to close',
  },
  CLOCK_DISTRUSTED: {
    level: 'warn',
    text: () =>
      'the clock is further than HOLD_SECONDS from the end of the last run: ' +
      'no mail is dropped for this, and its age goes on from there',
  },
  ACCOUNTS_REFUSED: {
    level: 'warn',
    text: ({ reason }: { readonly reason: string }) => `changed accounts are not taken, the last ones go on: ${reason}`,
  },
  AUTH_OFF: {
    level: 'warn',
    text: ({ host }: { readonly host: string }) =>
      `whoever reaches ${host} can take any name and read its mail: set AUTH=required, or AUTH=names, and add accounts`,
  },
  AUTH_NOBODY: {
    level: 'warn',
    text: () =>
      'AUTH=required, and nobody can log in yet: "restante account add NAME" and "restante token add" do that',
  },
  AUTH_KEYS_UNREACHABLE: {
    level: 'warn',
    text: ({ reason }: { readonly reason: string }) => `the keys of AUTH_JWT_JWKS cannot be fetched: ${reason}`,
  },
  LIMIT: { level: 'warn', text: ({ limit }: { readonly limit: string }) => `${limit} is reached` },
  FEW_DESCRIPTORS: { level: 'warn', text: fewDescriptors },
  DESCRIPTORS_KEPT_BACK: {
    level: 'warn',
    text: () => 'a connection is refused: the open files that are left are for the store',
  },
  NO_DESCRIPTORS: { level: 'warn', text: () => 'no descriptor is left: nobody is accepted until there is one' },
  NEAR_NAME: {
    level: 'warn',
    text: ({ variable, meant }: { readonly variable: string; readonly meant: readonly string[] }) =>
      `${variable} is no setting: was ${meant.join(' or ')} meant?`,
  },
  RELOAD_FAILED: {
    level: 'warn',
    text: ({ problems: [first = '', ...more] }: { readonly problems: readonly string[] }) =>
      `the settings stay as they are: ${first}${more.length === 0 ? '' : ` (and ${more.length} more)`}`,
  },
  PEER_SILENT: { level: 'warn', text: () => 'a peer has vanished' },
  ACCEPT_FAILED: { level: 'warn', text: () => 'cannot accept connections' },
  HTTP_REFUSED: { level: 'warn', text: () => 'a request was refused: its host or its origin is not allowed' },
  HTTP_CROWDED: {
    level: 'warn',
    text: ({ connections }: { readonly connections: number; readonly peer: string }) =>
      `a connection to HTTP was closed: ${connections} are open, or open files are few`,
  },
  HTTP_FAILED: { level: 'warn', text: () => 'a request could not be answered' },
  TLS_HANDSHAKE_FAILED: {
    level: 'warn',
    text: ({ problem }: { readonly problem: string }) => `a TLS handshake has failed: ${problem}`,
  },
  TLS_CROWDED: {
    level: 'warn',
    text: ({ handshakes }: { readonly handshakes: number }) =>
      `a connection to TLS was closed: ${handshakes} handshakes are under way`,
  },
  TLS_CERT_KEPT: {
    level: 'warn',
    text: ({ problem }: { readonly problem: string }) =>
      `the new TLS certificate cannot be used, and the old one stays: ${problem}`,
  },
  TLS_CERT_EXPIRED: { level: 'warn', text: () => 'the TLS certificate has expired: clients will refuse it' },
  LISTEN_FAILED: { level: 'warn', text: () => 'cannot listen: it is tried again' },
} as const satisfies Readonly<Record<string, Said>>;

export type OperatorCode = keyof typeof OPERATOR_CODES;
export type OperatorFields<C extends OperatorCode> = FieldsOf<(typeof OPERATOR_CODES)[C]['text']>;

/** `connections` is how many there is room for. `maxConnections` is the setting, unless it is unlimited. */
interface FewDescriptors {
  readonly limit: number;
  readonly connections: number;
  readonly maxConnections?: number;
}

function fewDescriptors({ limit, connections, maxConnections }: FewDescriptors): string {
  const served = `the system allows ${limit} open files, so ${connections} connections are served`;
  if (maxConnections === undefined) return `${served}: for more, ${RAISE_OPEN_FILES}`;
  const needed = limit - connections + maxConnections;
  return `${served}, not MAX_CONNECTIONS ${maxConnections}: ${RAISE_OPEN_FILES} to ${needed}`;
}
