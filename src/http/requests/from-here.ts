/** Whether a request comes from this machine: by the address of its socket, and by what a proxy says of others. */
import { BlockList, isIPv4 } from 'node:net';
import type { Context } from 'hono';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
const MAPPED = /^::ffff:/i;
/** Headers of a request that a proxy has passed on. Who has sent it to the proxy may be anywhere. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'via'];

/** Whether an address is one of this machine for itself. @param address as a socket has it */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(MAPPED, '');
  return LOOPBACK.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

/** Whether a proxy says that it has passed the request on. */
export function isPassedOn({ req }: Pick<Context, 'req'>): boolean {
  return PROXY_HEADERS.some((name) => req.header(name) !== undefined);
}
