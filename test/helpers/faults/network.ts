/** A network namespace, connected to this one by a virtual cable that can be pulled. Needs root, and `ip`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Addresses reserved for benchmarks, so that they are not in use. Two for each namespace. */
const NETWORK = '198.18';

/** A client that connects under a name, sends a line to itself, and reads what arrives. */
const CLIENT = `
  const [name, host, port] = process.argv.slice(1);
  const socket = require('node:net').connect({ host, port: Number(port) });
  socket.write(name + '\\n' + name + ': here\\n');
  socket.on('data', (data) => process.stdout.write(data));
  socket.on('error', () => undefined);
`;

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

export class FarPlace implements AsyncDisposable {
  readonly #name = `far${process.pid % 100_000}`;
  readonly #near = `${NETWORK}.${process.pid % 250}.1`;
  readonly #far = `${NETWORK}.${process.pid % 250}.2`;
  readonly #clients: ChildProcess[] = [];

  /** @returns a namespace; undefined if this process may not make one */
  static async make(): Promise<FarPlace | undefined> {
    const place = new FarPlace();
    try {
      place.#make();
      return place;
    } catch {
      await place[Symbol.asyncDispose]();
      return undefined;
    }
  }

  /** Starts a client in the namespace, of the broker here on `port`. Resolves when it has its name. */
  async client(name: string, port: number): Promise<void> {
    const args = ['netns', 'exec', this.#name, process.execPath, '-e', CLIENT, name, this.#near, String(port)];
    const client = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#clients.push(client);
    await new Promise<void>((resolve, reject) => {
      client.stdout.on('data', (data: Buffer) => {
        if (data.toString().includes(': here')) resolve();
      });
      client.once('close', () => reject(new Error(`${name} was cut off before it had its name`)));
    });
  }

  /** Pulls the cable: the client no longer answers, and its connection is not closed. */
  cutOff(): void {
    ip('-n', this.#name, 'link', 'set', `w${this.#name}`, 'down');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      if (client.exitCode === null && client.kill('SIGKILL')) await once(client, 'close');
    }
    for (const args of [
      ['link', 'del', `v${this.#name}`],
      ['netns', 'del', this.#name],
    ]) {
      try {
        ip(...args);
      } catch {
        // The namespace was not made.
      }
    }
  }

  #make(): void {
    const name = this.#name;
    ip('netns', 'add', name);
    ip('link', 'add', `v${name}`, 'type', 'veth', 'peer', 'name', `w${name}`, 'netns', name);
    ip('addr', 'add', `${this.#near}/30`, 'dev', `v${name}`);
    ip('link', 'set', `v${name}`, 'up');
    ip('-n', name, 'addr', 'add', `${this.#far}/30`, 'dev', `w${name}`);
    ip('-n', name, 'link', 'set', `w${name}`, 'up');
  }
}
