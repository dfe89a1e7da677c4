/** Sends lines as a plain session does. */
import { Addresses } from '../../../src/protocol/plain/addresses.ts';
import type { Outbox } from '../../../src/router/outbox.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { type Routed, Router, type RouterOptions } from '../../../src/router/router.ts';
import type { Line, Prefix } from '../../../src/shared/wire/message.ts';

/** A router, and what splits the lines for it. */
export class LineRouter {
  readonly router: Router;
  readonly #addresses: Addresses;

  constructor(shards: number, { maxNames, ...options }: RouterOptions & { readonly maxNames?: number } = {}) {
    const placement = new HashPlacement(shards);
    this.router = new Router(placement, options);
    this.#addresses = new Addresses(placement, maxNames);
  }

  route(
    sender: number,
    prefix: Prefix,
    line: Line,
    namesDone?: number,
    maxCostBytes?: number,
  ): Outbox | Routed | 'no colon' | 'too many names' {
    const address = this.#addresses.read(line);
    const { to, text } = this.#addresses;
    return address === 'message' ? this.router.send(sender, prefix, to, text, namesDone, maxCostBytes) : address;
  }
}
