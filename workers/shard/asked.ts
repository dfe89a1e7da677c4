/** Answers what an operator asks a shard (asked.ts of the port). Nothing here is on the way of a message. */
import {
  type AskedCalls,
  type AskedName,
  type AskedRefusal,
  MAX_ASKED_MESSAGES,
  MAX_ASKED_NAMES,
  type MailPage,
  type NamesPage,
  type NamesQuestion,
  type Purged,
} from '../../src/shared/wire/port/asked.ts';
import type { AskedMail } from '../mailbox/asked/asked-mail.ts';
import type { Name } from '../names/name.ts';
import { placeBehind, visitFrom } from '../names/name-pages.ts';
import type { NameTable } from '../names/name-table.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { SenderNotices } from './notices/sender-notices.ts';

interface AskedEdges {
  readonly names: NameTable;
  readonly mailboxes: { readonly asked: AskedMail };
  readonly delivery: Pick<Delivery, 'begun'>;
  readonly notices: Pick<SenderNotices, 'hasMoreRoom'>;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export class Asked implements AskedCalls {
  readonly #edges: AskedEdges;

  constructor(edges: AskedEdges) {
    this.#edges = edges;
  }

  names({ prefix, state, waiting, limit, from }: NamesQuestion): NamesPage {
    const { names: table } = this.#edges;
    const most = Math.min(limit, MAX_ASKED_NAMES);
    const start = Buffer.from(prefix);
    const names: AskedName[] = [];
    const begin = typeof from === 'number' ? from : placeBehind(table, Buffer.from(from.behind));
    const { next, last } = visitFrom(table, begin, (name) => {
      const isAsked =
        (state === 'any' || state === stateOf(name)) &&
        (!waiting || (name.mailbox?.count ?? 0) > 0) &&
        beginsWith(name.bytes, start);
      if (isAsked) names.push(this.#shown(name));
      return names.length < most;
    });
    return { names, next, last: last && textOf(last) };
  }

  async mail(text: string, after: number, limit: number): Promise<MailPage | AskedRefusal> {
    const name = this.#edges.names.find(Buffer.from(text));
    if (name === undefined) return { state: 'unknown' };
    const looked = await this.#edges.mailboxes.asked.look(name, after, Math.min(limit, MAX_ASKED_MESSAGES));
    if (looked.state !== 'found') return looked;
    const inHands = (name.holder?.unwrittenFrames ?? 0) + (name.unsettled?.unwrittenFrames ?? 0);
    return { state: 'mail', messages: looked.messages, more: looked.more, inHands };
  }

  purge(text: string, before: number | undefined): Promise<Purged | AskedRefusal> {
    return this.#purged(text, (name) => this.#edges.mailboxes.asked.purge(name, before));
  }

  purgeOne(text: string, seq: number): Promise<Purged | AskedRefusal> {
    return this.#purged(text, (name) => this.#edges.mailboxes.asked.purgeOne(name, seq));
  }

  async #purged(text: string, purge: (name: Name) => Promise<Purged | AskedRefusal>): Promise<Purged | AskedRefusal> {
    const { names, delivery, notices } = this.#edges;
    const name = names.find(Buffer.from(text));
    if (name === undefined) return { state: 'unknown' };
    // Before that it is not known what a crashed life had handed out.
    if (!delivery.begun) return { state: 'busy' };
    const answer = await purge(name);
    notices.hasMoreRoom(name);
    return answer;
  }

  #shown(name: Name): AskedName {
    const { mailbox } = name;
    const oldest = mailbox?.oldest;
    return {
      name: textOf(name),
      state: stateOf(name),
      waitingMessages: mailbox?.count ?? 0,
      waitingBytes: mailbox?.bytes ?? 0,
      oldestSeconds: oldest === undefined ? 0 : Math.max(0, this.#edges.now() - oldest),
    };
  }
}

function stateOf(name: Name): 'here' | 'away' {
  return name.holder === undefined ? 'away' : 'here';
}

function textOf({ bytes }: Name): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

function beginsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  if (bytes.length < start.length) return false;
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false;
  return true;
}
