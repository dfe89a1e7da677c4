/** Runs the command of a user for a message, in the shell of the system. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Message, RestanteError } from '../../library/index.ts';
import { bodyText } from './output.ts';

/** What a command may print as a reply. A broker takes no longer line by default than a sixteenth of it. */
const MAX_REPLY_BYTES = 1024 * 1024;

/** Where the output of a command goes. */
export type Destination = 'stdout' | 'stderr' | 'caller';

/**
 * Gives a message to a command: the body on standard input, the rest in variables.
 * @param to `caller` returns the output
 * @throws RestanteError if the command fails, or prints more than MAX_REPLY_BYTES for its caller
 * @throws the reason of `stop`, once the command has ended
 */
export async function handTo(command: string, message: Message, to: Destination, stop: AbortSignal): Promise<string> {
  stop.throwIfAborted();
  const out = to === 'caller' ? 'pipe' : to === 'stdout' ? 'inherit' : 2;
  const child = spawn(command, {
    shell: true,
    // A process group of its own, so that what the shell has started ends with it.
    detached: process.platform !== 'win32',
    stdio: ['pipe', out, 'inherit'],
    env: { ...process.env, ...variablesOf(message) },
  });
  const end = () => endGroup(child);
  stop.addEventListener('abort', end);
  try {
    // A command need not read its input.
    child.stdin?.on('error', () => undefined).end(bodyText(message.body));
    const printed = printedBy(child);
    const [code, signal] = await once(child, 'close');
    stop.throwIfAborted();
    const text = printed();
    if (code !== 0) throw failed(`ended with ${signal ?? code}`, message);
    return text;
  } finally {
    stop.removeEventListener('abort', end);
  }

  function printedBy(from: ChildProcess): () => string {
    const pieces: Buffer[] = [];
    let bytes = 0;
    from.stdout?.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_REPLY_BYTES) pieces.push(piece);
      else endGroup(from);
    });
    return () => {
      if (bytes > MAX_REPLY_BYTES) throw failed(`printed more than ${MAX_REPLY_BYTES} bytes`, message);
      return Buffer.concat(pieces).toString();
    };
  }
}

function endGroup(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended already.
  }
}

/** No variable can have a NUL, and an id of another program can. */
function variablesOf({ from, seq, id = '' }: Message): Record<string, string> {
  const text = (value: string) => value.replaceAll('\0', '\ufffd');
  return { RESTANTE_FROM: text(from), RESTANTE_SEQ: String(seq), RESTANTE_ID: text(id) };
}

function failed(how: string, { from, seq }: Message): RestanteError {
  const text = `the command ${how}: message ${seq} from ${from} is not acknowledged, and comes again`;
  return new RestanteError('COMMAND_FAILED', text);
}
