/**
 * A broker inside another program, such as a test. It leaves the process alone: it reads no environment, catches no
 * signal, sets no exit code, and logs nothing unless `LOG_LEVEL` says so.
 */
import { type Config, reachableHost, readConfig, SETTINGS } from '../shared/common/config.ts';
import { EXIT_BAD_SETTING, StartError } from '../shared/common/errors.ts';
import { createLog } from '../shared/common/log/log.ts';
import { Broker } from './broker.ts';

/** A setting as an operator would write it. A plain number is allowed for one that is a number. */
type Given = string | number;

/** The settings of the README, but for `PORT`, which is an option of its own. */
export type BrokerSettings = { readonly [N in Exclude<keyof Config, 'PORT'>]?: Given | undefined };

/** How to start a broker. */
export interface BrokerOptions {
  /** The port to listen on. Without one, or with 0, the system chooses a free one. */
  readonly port?: number | undefined;
  /**
   * The defaults are those of the README, with these exceptions: `SHARDS` is 1, `LOG_LEVEL` is `silent`, `HTTP_PORT`
   * is `off`, and without a `DATA_DIR` nothing is held (`HOLD_SECONDS` is 0). A broker that holds nothing uses no disk.
   */
  readonly settings?: BrokerSettings | undefined;
  /** Undoes the start if it is aborted before the broker listens. */
  readonly signal?: AbortSignal | undefined;
}

/** A broker that runs in this process. */
export interface RunningBroker extends AsyncDisposable {
  /** Where programs reach it: `tcp://host:port`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where programs reach it with TLS: `tls://host:port`; undefined unless `TLS_CERT` was given. */
  readonly tlsUrl: string | undefined;
  /** Where a browser reaches it: `http://host:port`, or `https:`; undefined unless `HTTP_PORT` was given. */
  readonly httpUrl: string | undefined;
  /**
   * Stops it in order, within `DRAIN_SECONDS`. Nothing of it is left then. A second call returns the promise of the
   * first.
   * @throws Error if mail was lost, because not everything could be sent on or stored in that time
   */
  stop(): Promise<void>;
  /** As `stop`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a broker in this process. Several may run at a time, each with a `DATA_DIR` of its own.
 * @returns the broker, once it accepts connections
 * @throws Error with one line that says what is wrong with a setting, the store or the address; or the reason of
 * `signal`
 */
export async function startBroker(options: BrokerOptions = {}): Promise<RunningBroker> {
  const { port = 0, settings = {}, signal } = options;
  const config = readConfig(asEnvironment(settings, port));
  const broker = await Broker.start(config, createLog(config.LOG_LEVEL), signal);
  const address = broker.address;
  const secure = broker.ports.secureAddress;
  return {
    url: urlOf('tcp', address),
    tlsUrl: secure && urlOf('tls', secure),
    host: reachableHost(address.host),
    port: address.port,
    httpUrl: broker.httpUrl,
    stop: () => broker.stop(),
    [Symbol.asyncDispose]: () => broker.stop(),
  };
}

function urlOf(protocol: string, { host, port }: { readonly host: string; readonly port: number }): string {
  const reachable = reachableHost(host);
  return `${protocol}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** @throws StartError if a setting does not exist, or mail is to be held nowhere */
function asEnvironment(settings: BrokerSettings, port: number): Record<string, string> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined && value !== '');
  const unknown = given.map(([name]) => name).find((name) => name === 'PORT' || !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined) throw new StartError(`${unknown} is not one of the settings here`, EXIT_BAD_SETTING);
  const env = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  // The default folder would be shared by all programs that are started in one place.
  if (env.DATA_DIR === undefined && env.HOLD_SECONDS !== undefined && Number(env.HOLD_SECONDS) !== 0) {
    throw new StartError('HOLD_SECONDS needs a DATA_DIR to hold mail in', EXIT_BAD_SETTING);
  }
  const held = env.DATA_DIR === undefined ? { HOLD_SECONDS: '0' } : {};
  return { SHARDS: '1', LOG_LEVEL: 'silent', HTTP_PORT: 'off', TLS_PORT: '0', ...held, ...env, PORT: String(port) };
}
