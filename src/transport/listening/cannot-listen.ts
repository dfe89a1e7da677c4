/** Why an address cannot be listened on, in one line that says what to do. */
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from '../../shared/common/errors.ts';

const MAX_PORT = 65_535;

/** The settings that an address comes from. */
interface AddressSettings {
  readonly host: string;
  readonly port: string;
  /** What else the operator can do if the port is taken. */
  readonly orElse?: string;
}

/** The error of a start that fails because `host` and `port` cannot be listened on. */
export function cannotListen(
  settings: AddressSettings,
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
): StartError {
  const refused = (message: string, exitCode: number) => new StartError(message, exitCode, { cause: error });
  if (error.syscall === 'getaddrinfo')
    return refused(`${settings.host} ${host} does not resolve (${error.code})`, EXIT_BAD_SETTING);
  const another = port < MAX_PORT ? port + 1 : port - 1;
  const orElse = `choose another, as with ${settings.port}=${another}${settings.orElse ?? ''}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return refused(
        `${settings.port} ${port} on ${host} is taken: another program listens there; ${orElse}`,
        EXIT_FAILED,
      );
    case 'EACCES':
      return refused(`${settings.port} ${port} on ${host} needs a right that this user has not`, EXIT_FAILED);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return refused(`${settings.host} ${host} is no address of this machine`, EXIT_BAD_SETTING);
    default:
      return refused(`cannot listen on ${host}:${port}: ${error.message}`, EXIT_FAILED);
  }
}
