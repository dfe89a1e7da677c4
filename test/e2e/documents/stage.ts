/**
 * Everything that a reader of a document uses: a clone, terminals, a broker that is started as the document says, and
 * peers.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort } from '../../helpers/free-port.ts';
import { Peer } from '../../helpers/peer.ts';
import { ampleDrainSeconds } from '../../helpers/programs/process.ts';
import { Program } from '../../helpers/programs/program.ts';
import { inTime, until } from '../../helpers/until.ts';
import { Clone } from './clone.ts';
import { ShownProgram } from './shown-program.ts';
import { Terminal } from './terminal.ts';

const RUN_LIMIT_MS = 60_000;
/** The clone shares its packages with the folder under test, so no command may change them. */
const CHANGES_PACKAGES = /\bnpm (ci|i|install|prune|update)\b/;

export class Stage implements AsyncDisposable {
  readonly port: number;
  readonly #httpPort: number;
  readonly #tlsPort: number;
  readonly #clone = new Clone();
  readonly #terminals = new Map<string, Terminal>();
  readonly #peers = new Map<string, Peer>();
  readonly #programs = new Map<string, ShownProgram>();
  #broker: Program | undefined;

  private constructor(port: number, httpPort: number, tlsPort: number) {
    this.port = port;
    this.#httpPort = httpPort;
    this.#tlsPort = tlsPort;
  }

  static async open(): Promise<Stage> {
    return new Stage(await freePort(), await freePort(), await freePort());
  }

  /** A text of a document with all replacements for this run, such as ports. */
  asRun(written: string): string {
    return written
      .replace(/\bnpm ci\b( && )?/g, '') // the clone has its packages
      .replace(' && npm prune --omit=dev', '') // and keeps them
      .replace(/--seconds \d+/g, '--seconds 1')
      .replaceAll('HOST=0.0.0.0', 'HOST=127.0.0.1') // nobody else is let in
      .replaceAll('/srv/mail', join(this.#clone.path, 'mail'))
      .replace(/\b(8080|9000)\b/g, String(this.port))
      .replace(/\b8081\b/g, String(this.#httpPort))
      .replace(/\b8443\b/g, String(this.#tlsPort));
  }

  /** The messages in the log of the current broker. */
  get log(): string {
    return [...(this.#broker?.stdout ?? '').matchAll(/"msg":("(?:[^"\\]|\\.)*")/g)]
      .map(([, message = '""']) => JSON.parse(message) as string)
      .join(' ');
  }

  /** Runs a command to its end. @returns its standard output */
  async run(command: string): Promise<string> {
    await using program = this.#start(command);
    const code = await inTime(program.ended(), () => `the end of ${command}`, RUN_LIMIT_MS);
    expect(code, `${command}: ${program.stdout}${program.stderr}`).toBe(0);
    return program.stdout;
  }

  /** Starts a broker with this command, and stops the one before. */
  async serve(command: string): Promise<void> {
    await this.stop();
    this.#broker = this.#start(command);
    await this.#broker.said('try it: nc');
  }

  /** Starts a broker if none runs. */
  async serving(): Promise<void> {
    if (this.#broker === undefined) await this.serve('npm start');
  }

  /** Closes the terminals, and stops the broker with Ctrl-C, as an operator does. */
  async stop(): Promise<void> {
    for (const [name, terminal] of this.#terminals) {
      this.#terminals.delete(name);
      await terminal.close();
    }
    for (const name of this.#peers.keys()) await this.leave(name);
    for (const [name, program] of this.#programs) {
      this.#programs.delete(name);
      await program.leave();
    }
    await this.interrupt();
  }

  /** Stops the broker with Ctrl-C, whoever is there. */
  async interrupt(): Promise<void> {
    if (this.#broker === undefined) return;
    await using broker = this.#broker;
    this.#broker = undefined;
    process.kill(-broker.pid, 'SIGINT');
    await inTime(broker.ended(), () => `the broker to stop: ${broker.stdout}`, RUN_LIMIT_MS);
    expect(broker.stdout).toContain('"stopped"');
  }

  /** Opens a terminal, and runs a command in it that does not end by itself. */
  async openTerminal(name: string, command: string): Promise<Terminal> {
    await this.serving();
    await this.#terminals.get(name)?.close();
    const terminal = new Terminal(this.#start(command));
    this.#terminals.set(name, terminal);
    return terminal;
  }

  terminal(name: string): Terminal {
    const terminal = this.#terminals.get(name);
    if (terminal === undefined) throw new Error(`no terminal of ${name} is open`);
    return terminal;
  }

  /** The program of this name in the document. */
  async program(name: string): Promise<ShownProgram> {
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    await this.serving();
    const program = new ShownProgram(this.port);
    this.#programs.set(name, program);
    return program;
  }

  /** Connects peers that the document only mentions. */
  async come(...names: readonly string[]): Promise<void> {
    await this.serving();
    for (const name of names) {
      const peer = await Peer.connect(this.port);
      this.#peers.set(name, peer);
      peer.send(`${name}\n`);
      await peer.got('* you are ');
    }
  }

  peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new Error(`${name} is not here`);
    return peer;
  }

  async leave(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const peer = this.peer(name);
      await peer.leave();
      await until(() => peer.closed, `the connection of ${name} to close`);
      this.#peers.delete(name);
    }
  }

  /** Purges the last message that waits for a name, as an operator does. */
  async purgeLast(name: string): Promise<void> {
    const mail = `http://127.0.0.1:${this.#httpPort}/v1/names/${name}/mail`;
    const { messages } = (await (await fetch(mail)).json()) as {
      readonly messages: readonly { readonly seq: number }[];
    };
    await fetch(`${mail}/${messages.at(-1)?.seq}`, { method: 'DELETE' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      for (const terminal of this.#terminals.values()) await terminal[Symbol.asyncDispose]();
      for (const peer of this.#peers.values()) peer.destroy();
      for (const program of this.#programs.values()) program[Symbol.dispose]();
      await this.#broker?.[Symbol.asyncDispose]();
      this.#clone[Symbol.dispose]();
    }
  }

  #start(command: string): Program {
    if (CHANGES_PACKAGES.test(command)) throw new Error(`this would change packages: ${command}`);
    // A reader does not have the variables of the test's own environment.
    const own = Object.keys(process.env).filter((name) => /^(VITEST|NODE_ENV$|TEST$|npm_)/.test(name));
    return new Program(['sh', '-c', command], {
      cwd: this.#clone.path,
      stdin: 'typed',
      env: {
        ...Object.fromEntries(own.map((name) => [name, undefined])),
        PATH: this.#clone.searchPath,
        PORT: String(this.port),
        HTTP_PORT: String(this.#httpPort),
        TLS_PORT: String(this.#tlsPort),
        RESTANTE_URL: `tcp://127.0.0.1:${this.port}`,
        SWARM_PORT: String(this.port),
        DATA_DIR: join(this.#clone.path, 'data'),
        DRAIN_SECONDS: ampleDrainSeconds(),
      },
    });
  }
}
