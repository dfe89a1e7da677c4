/**
 * The health check: it connects as a peer, sends itself a message, and waits for it. The broker does not remember its
 * name, because that begins with a tilde. With `--ready` it asks over HTTP whether the broker is ready, which looks at
 * the store and the shards too. It prints one line. Exit code: 0 all is well; 1 it is not; 2 a setting is wrong.
 */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { Command, CommanderError } from 'commander';
import { configFile, readSources } from '../../shared/common/config/sources.ts';
import { reachableHost } from '../../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, messageOf, StartError } from '../../shared/common/errors.ts';
import { commandFor } from '../../shared/common/text.ts';
import { askHere, httpUrl } from './ask-here.ts';

/** How long the whole check may take: whatever else is said meanwhile, it is no answer. */
const TIMEOUT_MS = 3_000;
/** The longest line that may come back. No line of a broker that is asked this is nearly as long. */
const MAX_LINE_CHARS = 4_096;
const OK = 200;

function parseArguments(): { readonly ready?: true } {
  return new Command(commandFor('health'))
    .description('Whether a broker answers at HOST and PORT: it is sent a message that must come back.')
    .option('--ready', 'ask /readyz at HTTP_HOST and HTTP_PORT instead, unless that is off or asks for a certificate')
    .addHelpText('after', '\nExit code: 0 it does; 1 it does not; 2 a wrong option or setting.')
    .allowExcessArguments(false)
    .exitOverride()
    .parse()
    .opts();
}

/** Asks over HTTP. @throws Error that says why the broker is not ready */
async function askReady(host: string, port: number, secure: boolean): Promise<void> {
  const url = `${httpUrl(host, port, secure)}/readyz`;
  const { status, body } = await askHere(url, 'GET', TIMEOUT_MS).catch((error: unknown) => {
    throw new Error(`${host}:${port} is not reachable: ${messageOf(error)}`);
  });
  const { detail = 'it is no broker' } = (body ?? {}) as { readonly detail?: string };
  if (status !== OK) throw new Error(`${host}:${port} answered ${status}: ${detail}`);
}

/**
 * @param token proves any name that nobody keeps; undefined where nobody is asked
 */
function roundTrip(host: string, port: number, token: string | undefined): Promise<void> {
  const name = `~health-${randomUUID().slice(0, 8)}`;
  const expected = `from ${name}: ping`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (reason: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`${host}:${port} ${reason}`));
    };
    const timer = setTimeout(() => fail(`did not answer within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
    let received = '';
    let first = '';
    socket.setEncoding('utf8');
    socket.once('connect', () =>
      socket.write([name, ...(token === undefined ? [] : [token]), `${name}: ping`, ''].join('\n')),
    );
    socket.once('error', (error) => fail(`is not reachable: ${error.message}`));
    socket.once('end', () => fail(`ended the session: ${first || received}`));
    socket.on('data', (chunk) => {
      const said = `${received}${chunk}`.split('\n');
      // The part after the last line end is not complete. Notices of the broker are no answer.
      received = said.pop() ?? '';
      first ||= said[0] ?? '';
      const answer = said.find((line) => !line.startsWith('* '));
      if (answer === undefined) {
        if (received.length > MAX_LINE_CHARS)
          fail(`said something else: a line of more than ${MAX_LINE_CHARS} characters`);
        return;
      }
      if (answer === expected) {
        clearTimeout(timer);
        socket.removeAllListeners('end');
        socket.end();
        resolve();
      } else fail(`said something else: ${answer.trim()}`);
    });
  });
}

/** @throws StartError if there is none */
function tokenOf({ RESTANTE_TOKEN: token }: NodeJS.ProcessEnv): string {
  if (token !== undefined && token !== '') return token;
  throw new StartError('AUTH is required: set RESTANTE_TOKEN, or ask with --ready', EXIT_BAD_SETTING);
}

try {
  const { ready } = parseArguments();
  const { config } = await readSources(process.env, configFile(undefined, process.env));
  const { HOST, PORT, HTTP_HOST, HTTP_PORT, TLS_CERT, TLS_CLIENT_CA, AUTH } = config;
  const overHttp = ready === true && HTTP_PORT !== 'off' && TLS_CLIENT_CA === 'none';
  const [host, port] = overHttp ? [reachableHost(HTTP_HOST), HTTP_PORT] : [reachableHost(HOST), PORT];
  const since = performance.now();
  await (overHttp
    ? askReady(host, port, TLS_CERT !== 'none')
    : roundTrip(host, port, AUTH === 'required' ? tokenOf(process.env) : undefined));
  console.log(`healthy: ${host}:${port} answered in ${Math.ceil(performance.now() - since)} ms`);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_SETTING;
  else {
    console.error(`unhealthy: ${messageOf(error)}`);
    process.exitCode = error instanceof StartError ? error.exitCode : EXIT_FAILED;
  }
}
