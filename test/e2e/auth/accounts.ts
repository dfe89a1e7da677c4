/** Brokers that have accounts, and the ways in with a proof. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { changeAccounts } from '../../../src/session/auth/accounts/file.ts';
import { storedPassword } from '../../../src/session/auth/accounts/password.ts';
import { hashOfToken, newToken } from '../../../src/session/auth/accounts/secret.ts';
import type { AccountsFile, StoredToken } from '../../../src/session/auth/accounts/state.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { ProgramPeer, type Told } from '../../helpers/program-peer.ts';
import { WebClient } from '../../helpers/programs/web-client.ts';
import { until } from '../../helpers/until.ts';
import { HttpClient } from '../transports/http/messages/client.ts';

export const PASSWORD = 'correct horse battery';
const STORED = storedPassword(Buffer.from(PASSWORD));

/** A token, and what is stored of it. */
export function tokenOf(names: readonly string[], more: Partial<StoredToken> = {}): [token: string, StoredToken] {
  const token = newToken();
  return [token, { sha256: hashOfToken(token), names: [...names], created: 0, ...more }];
}

/** An account with PASSWORD. */
export function accountOf(name: string, send?: string[]): AccountsFile['accounts'][number] {
  return { name, password: STORED, created: 0, ...(send === undefined ? {} : { send }) };
}

/** A broker with accounts, whose file a test changes. */
export class AuthBroker implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  /** Every line of its log, as JSON. */
  readonly log: string[] = [];
  broker: TestBroker | undefined;

  static async start(file: Partial<AccountsFile>, settings: Record<string, string | number> = {}): Promise<AuthBroker> {
    const it = new AuthBroker();
    await it.#write(file);
    const log = pino({ level: 'trace' }, { write: (line: string) => void it.log.push(line) });
    it.broker = await startBroker({ DATA_DIR: it.dataDir, AUTH: 'required', ...settings }, log);
    return it;
  }

  get dataDir(): string {
    return this.#folder.path;
  }

  /** The broker, once it has started. */
  get up(): TestBroker {
    if (this.broker === undefined) throw new Error('not started');
    return this.broker;
  }

  /** Replaces the file. Resolves when the broker has taken it. */
  async change(file: Partial<AccountsFile>): Promise<void> {
    const taken = this.#taken;
    await this.#write(file);
    await until(() => this.#taken > taken, 'the accounts to be taken');
  }

  /** Writes half a file. Resolves when the broker has refused it. */
  async damage(): Promise<void> {
    writeFileSync(join(this.dataDir, 'auth/accounts.json'), '{"version":1,"acc');
    await until(() => this.log.some((line) => line.includes('ACCOUNTS_REFUSED')), 'the file to be refused');
  }

  get #taken(): number {
    return this.log.filter((line) => line.includes('accounts have changed')).length;
  }

  #write(file: Partial<AccountsFile>): Promise<void> {
    return changeAccounts(this.dataDir, () => [{ version: 1, accounts: [], tokens: [], ...file }, undefined]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** A peer that gives its name, and a proof if there is one. @returns `in`, or the code of why not */
export type Login = (broker: TestBroker, name: string, proof?: string) => Promise<string>;

const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^\* you are /m, 'in'],
  [/^\* wrong name, password or token/m, 'AUTH_FAILED'],
  [/^\* too many logins have failed/m, 'AUTH_LIMITED'],
  [/^\* your name needs a proof/m, 'AUTH_REQUIRED'],
  [/^\* your proof cannot be checked now/m, 'AUTH_BUSY'],
];

/** Without a proof it ends its side when it is asked. */
const plain: Login = async (broker, name, proof) => {
  const peer = await broker.connect();
  peer.send(proof === undefined ? `${name}\n` : `${name}\n${proof}\n`);
  const found = () => TEXTS.find(([text]) => text.test(peer.received))?.[1];
  await until(() => found() !== undefined || peer.received.includes(`* password for ${name}?`), 'an answer');
  if (proof === undefined && found() === undefined) peer.end();
  await until(
    () => found() !== undefined,
    () => `an answer, got ${peer.received}`,
  );
  peer.destroy();
  return found() ?? 'nothing';
};

const helloOf = (name: string, proof: string | undefined) => {
  if (proof === undefined) return { name };
  return /^(rst_|eyJ)/.test(proof) ? { name, token: proof } : { name, password: proof };
};

const codeOf = ([first]: readonly Told[]): string => (first?.type === 'welcome' ? 'in' : String(first?.code));

const tcp: Login = async (broker, name, proof) => {
  const program = await ProgramPeer.hello(broker, helloOf(name, proof));
  program.peer.destroy();
  return codeOf(program.told);
};

const ws: Login = async (broker, name, proof) => {
  using client = await WebClient.hello(broker, helloOf(name, proof));
  return codeOf(client.told);
};

const HTTP_CODES = new Map([
  ['PROOF_WRONG', 'AUTH_FAILED'],
  ['PROOF_NEEDED', 'AUTH_REQUIRED'],
  ['PROOFS_LIMITED', 'AUTH_LIMITED'],
  ['PROOFS_BUSY', 'AUTH_BUSY'],
]);

/** It asks for its mail. */
const http: Login = async ({ broker }, name, proof) => {
  const basic = proof !== undefined && /[^\x21-\x7e]/.test(proof);
  const scheme = basic ? `Basic ${Buffer.from(`me:${proof}`).toString('base64')}` : `Bearer ${proof}`;
  const headers = proof === undefined ? {} : { authorization: scheme };
  const { status, text } = await new HttpClient(broker.httpUrl).ask(`/v1/mail/${name}`, { headers });
  if (status === 200) return 'in';
  const { code } = JSON.parse(text) as { readonly code: string };
  return HTTP_CODES.get(code) ?? code;
};

/** Every way in. */
export const LOGINS: readonly (readonly [way: string, Login])[] = [
  ['plain', plain],
  ['JSON over TCP', tcp],
  ['WebSocket', ws],
  ['HTTP', http],
];
