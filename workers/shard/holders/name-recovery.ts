/**
 * The names that a shard knows when it begins: those in the store, and those that a crashed life of this shard had
 * delivered to.
 *
 * What must be true (I5): the numbers of a name's frames rise, also across crashes.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import type { PriorDelivery } from '../../../src/shared/wire/port/shard-task.ts';
import { numberAfterCrash } from '../../../src/store/numbers.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import { type Recovered, recover, type Scope } from '../../mailbox/recovery.ts';
import type { Store } from '../../mailbox/store.ts';
import { beginWith, continueBehind } from '../../names/frame-numbers.ts';
import type { Name } from '../../names/name.ts';
import type { NameTable } from '../../names/name-table.ts';
import type { OperatorNotices } from '../notices/operator-notices.ts';
import type { SenderNotices } from '../notices/sender-notices.ts';
import type { AwayNames } from './away-names.ts';

export interface RecoveryEdges {
  readonly names: NameTable;
  readonly away: Pick<AwayNames, 'found' | 'allFound' | 'leave' | 'forget'>;
  readonly mailboxes: Pick<Mailboxes, 'recovered' | 'touch' | 'submit'>;
  readonly notices: Pick<SenderNotices, 'changed' | 'isNew'>;
  readonly operator: Pick<OperatorNotices, 'reportMissing'>;
  /** So many messages of a name are counted, but the store does not have them. */
  readonly missing: (name: Name, messages: number) => void;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/**
 * Takes over what the store has of the names in `scope`. To be called before any record is received.
 * @throws the store's own error if it cannot be read
 */
export async function recoverNames(store: Store, scope: Scope, edges: RecoveryEdges): Promise<void> {
  await recover(store, scope, (recovered) => takeOver(recovered, scope.compare, edges));
  edges.away.allFound();
  for (const prior of scope.handed) knowAgain(prior, edges);
  edges.operator.reportMissing();
  edges.mailboxes.submit();
}

function takeOver(recovered: Recovered, crashed: boolean, edges: RecoveryEdges): void {
  const { names, away, mailboxes, notices, missing, now } = edges;
  const { record } = recovered;
  const name = names.findOrAdd(recovered.name);
  // Without a record and without mail the name begins as a new one.
  if (record.next !== 0) beginWith(name, crashed ? numberAfterCrash(record) : record.next);
  name.storedNumber = record.next;
  away.found(name, record.present ? now() : record.awaySince);
  notices.changed(name);
  if (record.to > record.from) mailboxes.recovered(name, recovered);
  if (recovered.missing > 0) missing(name, recovered.missing);
  if (!name.remembered) away.forget(name);
  else if (record.present || recovered.differs) mailboxes.touch(name);
}

/** A name that had a holder before the crash stays known, even if the store does not have it. Its numbers go on. */
function knowAgain({ name: bytes, handedNumber }: PriorDelivery, { names, away, notices }: RecoveryEdges): void {
  const name = names.findOrAdd(bytes);
  const number = widen(handedNumber, name.nextNumber);
  if (notices.isNew(name)) {
    notices.changed(name);
    away.leave(name);
    // Its peer knows the numbers by their lower half, and may not see them jump.
    if (handedNumber !== 0) beginWith(name, number);
  }
  if (handedNumber !== 0) continueBehind(name, number);
}
