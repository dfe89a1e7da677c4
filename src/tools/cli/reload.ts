/**
 * Has a broker on this machine read its settings again, over HTTP, and says what came of it. Exit code: 0 they are
 * taken; 1 no broker has taken them; 2 a setting or an option is wrong, and the broker goes on as it was.
 */
import { Command, CommanderError } from 'commander';
import { type Changes, takenText } from '../../shared/common/config/settings.ts';
import { CONFIG_VARIABLE, configFile, readSources } from '../../shared/common/config/sources.ts';
import { reachableHost } from '../../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, messageOf, StartError } from '../../shared/common/errors.ts';
import { commandFor, escaped } from '../../shared/common/text.ts';
import { askHere, httpUrl } from './ask-here.ts';

/** How long the broker may take. */
const TIMEOUT_MS = 30_000;
const OK = 200;
const WRONG_STATUS = 422;

interface Options {
  readonly config?: string;
  readonly url?: string;
}

function parseArguments(): Options {
  return new Command(commandFor('reload'))
    .description('Has the broker at HTTP_HOST and HTTP_PORT read its settings again, and says what has changed.')
    .option('--config <file>', `the file of the broker; without it the one that ${CONFIG_VARIABLE} names`)
    .option('--url <address>', 'where its HTTP is, if the settings do not say it: http://host:port')
    .addHelpText('after', '\nExit code: 0 taken; 1 no broker has taken them; 2 a wrong option or setting.')
    .allowExcessArguments(false)
    .exitOverride()
    .parse()
    .opts();
}

/** @throws StartError if the address or the settings are wrong, or HTTP is off, or asks for a certificate */
async function urlOf({ config: option, url }: Options): Promise<string> {
  if (url?.includes('@')) throw new StartError('the address must have no user and no password', EXIT_BAD_SETTING);
  if (url !== undefined) return url;
  const { config } = await readSources(process.env, configFile(option, process.env));
  const { HTTP_HOST, HTTP_PORT, TLS_CERT, TLS_CLIENT_CA } = config;
  if (HTTP_PORT === 'off') throw new StartError('HTTP_PORT is off: send SIGHUP to the broker instead', EXIT_FAILED);
  if (TLS_CLIENT_CA !== 'none') {
    throw new StartError('TLS_CLIENT_CA asks for a certificate: send SIGHUP to the broker instead', EXIT_FAILED);
  }
  return httpUrl(reachableHost(HTTP_HOST), HTTP_PORT, TLS_CERT !== 'none');
}

/** @throws Error that says why the settings are not taken */
async function reload(url: string): Promise<Changes> {
  const path = new URL('/v1/reload', url).href;
  const { status, body } = await askHere(path, 'POST', TIMEOUT_MS).catch((error: unknown) => {
    throw new Error(`no broker answers at ${url}: ${messageOf(error)}`);
  });
  const said = (body ?? {}) as Partial<Changes> & { readonly detail?: string };
  if (status === OK && said.changed !== undefined && said.needsRestart !== undefined)
    return { changed: said.changed, needsRestart: said.needsRestart };
  const exitCode = status === WRONG_STATUS ? EXIT_BAD_SETTING : EXIT_FAILED;
  throw new StartError(said.detail ?? `what answers at ${url} is no broker`, exitCode);
}

try {
  console.log(escaped(takenText(await reload(await urlOf(parseArguments())))));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_SETTING;
  else {
    console.error(messageOf(error).replace(/^/gm, 'restante: '));
    process.exitCode = error instanceof StartError ? error.exitCode : EXIT_FAILED;
  }
}
