/** Whether an address is one of this machine for itself. */
import { AddressList } from './address-list.ts';

const LOOPBACK = new AddressList(['127.0.0.0/8', '::1']);

/** @param address as a socket has it */
export function isLoopback(address: string | undefined): boolean {
  return LOOPBACK.has(address);
}
