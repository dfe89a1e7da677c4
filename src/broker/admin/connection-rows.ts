/** Lists connections, in the order that is asked for. */
import type { Session } from '../../session/session.ts';
import { since } from '../../shared/common/serial-arithmetic.ts';
import { textOf } from '../../shared/common/text.ts';
import type { ConnectionRow, ConnectionsPage, ConnectionsQuestion } from './admin-view.ts';

/** A session, as far as it is listed. */
export type ListedSession = Pick<Session, 'number' | 'name' | 'peer' | 'standing' | 'speaks'> & {
  readonly transport: Pick<Session['transport'], 'kind' | 'readBytes' | 'takenBytes'>;
  readonly writer: Pick<Session['writer'], 'progress'>;
};

type Open<S> = ReadonlyMap<S, { readonly connectedAt: number }>;

/** Lists some of the open connections. @param open oldest first */
export function connectionRows<S extends ListedSession>(
  open: Open<S>,
  { sort, order, limit, offset, name }: ConnectionsQuestion,
): ConnectionsPage {
  const prefix = Buffer.from(name);
  const asked = [...open].filter(([session]) => beginsWith(session.name, prefix));
  // They are in the order of their times already.
  if (sort === 'name') asked.sort(([one], [other]) => Buffer.compare(one.name ?? NO_NAME, other.name ?? NO_NAME));
  else if (sort !== 'since') asked.sort(([one], [other]) => FIGURES[sort](one) - FIGURES[sort](other));
  if (order === 'desc') asked.reverse();
  const rows = asked.slice(offset, offset + limit).map(([session, { connectedAt }]) => rowOf(session, connectedAt));
  return { total: asked.length, connections: rows };
}

const NO_NAME = Buffer.alloc(0);

const FIGURES = {
  waiting: ({ writer: { progress } }: ListedSession) => since(progress.handedFrames, progress.writtenFrames),
  read: ({ transport }: ListedSession) => transport.readBytes,
  written: ({ transport }: ListedSession) => transport.takenBytes,
};

function beginsWith(name: Uint8Array | undefined, prefix: Buffer): boolean {
  return prefix.length === 0 || (name !== undefined && prefix.equals(name.subarray(0, prefix.length)));
}

function rowOf(session: ListedSession, connectedAt: number): ConnectionRow {
  const { number, name, peer, standing, speaks, transport, writer } = session;
  const { handedFrames, writtenFrames, handedBytes, writtenBytes } = writer.progress;
  // The counts are modulo 2^32, so a plain subtraction would be wrong.
  const waitingMessages = since(handedFrames, writtenFrames);
  return {
    id: number,
    name: name === undefined ? null : textOf(name),
    peer,
    transport: transport.kind,
    speaks,
    standing,
    since: connectedAt,
    waitingMessages,
    waitingBytes: since(handedBytes, writtenBytes),
    unacknowledgedMessages: speaks === 'acknowledging' ? waitingMessages : 0,
    readBytes: transport.readBytes,
    writtenBytes: transport.takenBytes,
  };
}
