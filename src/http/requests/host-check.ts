/**
 * Whether a request may be answered, by its Host and its Origin. A browser sends requests for any page, also to this
 * machine. So a page of another origin is refused. So is a request for a host name that is not known: whoever owns a
 * name can point it at this machine, and then the pages of that name would be of the same origin. An address cannot be
 * pointed elsewhere.
 */
import { isIP } from 'node:net';
import type { Settings } from '../../shared/common/config/settings.ts';

/** Why a request is refused. */
type HostRefusal = 'HOST_REFUSED' | 'ORIGIN_REFUSED';

/** The two headers. Each is undefined if the request has none. */
interface Headers {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** @returns why a request is refused; undefined if it may be answered */
export type HostCheck = (headers: Headers) => HostRefusal | undefined;

/**
 * The check for a broker.
 * @param host the setting HTTP_HOST, which may be a name
 * @param origins the setting HTTP_ORIGINS
 */
export function hostCheck(host: string, origins: readonly string[]): HostCheck {
  const names = new Set([host.toLowerCase(), ...origins.map((origin) => new URL(origin).hostname)]);
  return (headers) => {
    const asked = parsedHost(headers.host);
    if (asked === undefined || !(isOwn(asked.hostname) || names.has(asked.hostname))) return 'HOST_REFUSED';
    const { origin } = headers;
    const isAllowed = origin === undefined || isPageOf(headers.host, origin) || origins.includes(origin);
    return isAllowed ? undefined : 'ORIGIN_REFUSED';
  };
}

/** The check for a broker whose settings may change while it runs. */
export function currentHostCheck(settings: Pick<Settings, 'current'>): HostCheck {
  let config = settings.current;
  let check = hostCheck(config.HTTP_HOST, config.HTTP_ORIGINS);
  return (headers) => {
    if (settings.current !== config) {
      config = settings.current;
      check = hostCheck(config.HTTP_HOST, config.HTTP_ORIGINS);
    }
    return check(headers);
  };
}

/** Whether an origin is that of the pages of a host, in the clear or encrypted. @param host with its port */
function isPageOf(host: string | undefined, origin: string): boolean {
  return [`http://${host}`, `https://${host}`].some((page) => new URL(page).origin === origin);
}

/** The host and the port of a request, as the origin of a page from there. @returns undefined if it is no host */
function parsedHost(host: string | undefined): URL | undefined {
  // A host has no user, path or query. Such text would be another host for who parses it otherwise.
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`);
}

/** Whether a host is an address, or the name of this machine for itself. */
function isOwn(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || hostname === 'localhost' || hostname.endsWith('.localhost');
}
