/** The `chat` command: a person talks in a terminal. Without a terminal it reads lines and prints lines. */
import { createInterface, cursorTo, type Interface } from 'node:readline';
import { type Client, type Message, RestanteError } from '../../../../library/index.ts';
import type { Context } from '../../context.ts';
import { failureOf } from '../../failures.ts';
import { bodyText } from '../../output.ts';
import { openSession } from '../../session.ts';
import { example } from '../../values.ts';
import { messageAsObject } from '../listen.ts';
import { infoAsText } from '../who.ts';
import { completionsOf, readChatLine } from './chat-line.ts';

/** The names that Tab completes. Past it, the oldest is forgotten. */
const MAX_SEEN = 1_000;
const HELP = 'NAME, NAME: MESSAGE sends; /who NAME asks; /quit or Ctrl-D leaves; Tab completes names';

/** Adds the command. */
export function addChat(context: Context): void {
  context.program
    .command('chat')
    .description('talk in a terminal')
    .argument('<name>', 'your name')
    .addHelpText('after', `\n${HELP}.\n${example('restante chat alice')}`)
    .action(async (name: string) => {
      await using client = await openSession(context, { name, stays: true });
      await new Chat(context, client).run();
    });
}

class Chat {
  readonly #context: Context;
  readonly #client: Client;
  readonly #seen = new Set<string>();
  readonly #lines: Interface;
  readonly #terminal: boolean;
  /** Lines are worked off one after another, so that their states are shown in order. */
  #work: Promise<void> = Promise.resolve();

  constructor(context: Context, client: Client) {
    this.#context = context;
    this.#client = client;
    this.#terminal = process.stdin.isTTY && process.stdout.isTTY && !context.options.json;
    this.#lines = createInterface({
      input: process.stdin,
      ...(this.#terminal && { output: process.stdout }),
      terminal: this.#terminal,
      completer: (line: string) => completionsOf(line, this.#seen),
      prompt: '> ',
    });
  }

  /** Resolves when the person leaves. */
  async run(): Promise<void> {
    const ended = new AbortController();
    const { stop } = this.#context;
    const end = () => ended.abort();
    stop.addEventListener('abort', end);
    // A terminal in raw mode sends no signal at Ctrl-C.
    this.#lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    this.#lines.on('close', () => void this.#work.finally(end));
    this.#lines.on('line', (line) => {
      this.#work = this.#work.then(() => this.#typed(line)).catch((error: unknown) => ended.abort(error));
    });
    if (this.#terminal) this.#context.note(HELP);
    this.#prompt();
    try {
      for await (const message of this.#client.messages({ signal: ended.signal })) await this.#received(message);
    } catch (error) {
      if (error !== ended.signal.reason || !isAbort(error)) throw error;
    } finally {
      stop.removeEventListener('abort', end);
      this.#lines.close();
      process.stdin.destroy();
    }
    stop.throwIfAborted();
  }

  async #received(message: Message): Promise<void> {
    this.#remember(message.from);
    await this.#show(messageAsObject(message), `from ${message.from}: ${bodyText(message.body)}`);
    message.ack();
  }

  async #typed(text: string): Promise<void> {
    const line = readChatLine(text);
    switch (line.kind) {
      case 'send':
        await this.#tried(() => this.#send(line.names, line.text));
        if (this.#terminal) this.#lines.write(`${line.names.join(', ')}: `);
        return;
      case 'who':
        return await this.#tried(() => this.#who(line.names));
      case 'help':
        return this.#context.note(HELP);
      case 'wrong':
        return this.#context.note(`not sent: ${HELP}`);
      case 'quit':
        return this.#lines.close();
      case 'nothing':
        return this.#prompt();
      default:
        return line satisfies never;
    }
  }

  async #send(names: readonly string[], text: string): Promise<void> {
    for (const name of names) this.#remember(name);
    const { id, to } = await this.#client.send(names, text, { signal: this.#context.stop });
    const states = Object.entries(to).map(([name, state]) => `${name}: ${state === 'held' ? 'held' : 'sent'}`);
    await this.#show({ type: 'sent', id, to }, `* ${states.join(', ')}`);
  }

  async #who(names: readonly string[]): Promise<void> {
    for (const info of await this.#client.who(names, { signal: this.#context.stop })) {
      await this.#show({ type: 'who', ...info }, `* ${infoAsText(info)}`);
    }
  }

  /** A message that is refused does not end the chat. */
  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RestanteError)) throw error;
      const { code, message } = failureOf(error, this.#context.options.url);
      await this.#show({ type: 'error', code, message }, `* ${message}`);
    }
  }

  /** Prints above the line that is being typed. */
  async #show(object: Readonly<Record<string, unknown>>, text: string): Promise<void> {
    if (this.#terminal) {
      cursorTo(process.stdout, 0);
      process.stdout.write(CLEAR_BELOW);
    }
    await this.#context.output.say(object, text);
    this.#prompt();
  }

  #prompt(): void {
    if (this.#terminal) this.#lines.prompt(true);
  }

  #remember(name: string): void {
    this.#seen.delete(name);
    this.#seen.add(name);
    const [oldest] = this.#seen;
    if (this.#seen.size > MAX_SEEN && oldest !== undefined) this.#seen.delete(oldest);
  }
}

const CLEAR_BELOW = '\x1b[0J';

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
