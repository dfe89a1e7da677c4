/**
 * Which pages may reach the broker from a browser. A browser lets any page try; it says in `Origin` whose page it is,
 * and in `Host` by which name the page has reached the broker.
 *
 * - A page of another origin is refused.
 * - A page can bind its own name to the address of the broker after it was loaded. Then both headers have that name,
 *   and agree. So a name must be one that the broker knows. An address and `localhost` cannot be bound to anything.
 */
import { isIP } from 'node:net';

const LOCALHOST = /^(.+\.)?localhost$/;

/**
 * @param host the header `Host`
 * @param allowed origins whose pages may reach the broker, and by whose names it may be reached
 * @returns whether the broker may be reached by this name
 */
export function isOwnHost(host: string | undefined, allowed: readonly string[]): boolean {
  const url = parsed(`http://${host}`);
  if (url === undefined || host === undefined) return false;
  const { hostname } = url;
  if (LOCALHOST.test(hostname) || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  return allowed.some((origin) => parsed(origin)?.hostname === hostname);
}

/**
 * @param host the header `Host`
 * @param origin the header `Origin`; undefined if the client is no browser, which may say what it wants anyway
 * @param allowed origins whose pages may reach the broker, such as `https://chat.example`
 * @returns whether the page may reach the broker
 */
export function mayReach(host: string | undefined, origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  const page = parsed(origin);
  if (page === undefined || !isOwnHost(host, allowed)) return false;
  return isOfHost(page, host) || allowed.some((each) => parsed(each)?.origin === page.origin);
}

/** Whether the page was loaded by the name and the port by which it reaches the broker. */
function isOfHost(page: URL, host: string | undefined): boolean {
  return /^https?:$/.test(page.protocol) && parsed(`${page.protocol}//${host}`)?.host === page.host;
}

/** @returns undefined if it is no address, or has more than an origin has */
function parsed(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.href === `${url.protocol}//${url.host}/` ? url : undefined;
}
