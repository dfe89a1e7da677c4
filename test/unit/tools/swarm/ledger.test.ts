/** The ledger of the swarm, and the verdict on what the ledgers of all threads know at the end. */
import { beforeEach, describe, expect, it } from 'vitest';
import { countLost } from '../../../../src/tools/swarm/losses.ts';
import type { SwarmTables } from '../../../../src/tools/swarm/task.ts';
import { Ledger } from '../../../../workers/swarm/ledger.ts';

const CLIENTS = 3;
const ANN = 0;
const BOB = 2;
let tables: SwarmTables;
/** The ledgers of two threads: one has the sender, one the recipient. */
let senders: Ledger;
let recipients: Ledger;

function lost(): number {
  return countLost(CLIENTS, tables, [senders.settlement, recipients.settlement]);
}

function send(count: number): void {
  for (let i = 0; i < count; i++) senders.nextNumber(ANN, BOB);
}

function arrive(...numbers: number[]): string[] {
  return numbers.map((number) => recipients.arrived(ANN, BOB, number));
}

beforeEach(() => {
  tables = {
    sent: new SharedArrayBuffer(4 * CLIENTS ** 2),
    highest: new SharedArrayBuffer(4 * CLIENTS ** 2),
    inFlight: new SharedArrayBuffer(4 * CLIENTS),
  };
  senders = new Ledger(CLIENTS, tables);
  recipients = new Ledger(CLIENTS, tables);
});

describe('the ledger of the swarm', () => {
  it('finds nothing lost when each number has arrived once', () => {
    send(3);
    expect(arrive(1, 2, 3)).toEqual(['next', 'next', 'next']);
    expect([lost(), senders.inFlight(BOB)]).toEqual([0, 0]);
  });

  it('finds a number that was skipped, and the last ones', () => {
    send(5);
    expect(arrive(1, 3)).toEqual(['next', 'ahead']);
    expect([recipients.missing, lost(), senders.inFlight(BOB)]).toEqual([1, 3, 2]);
  });

  it('finds what is repeated, late, or never sent', () => {
    send(3);
    expect(arrive(2, 2, 1, 1, 4)).toEqual(['ahead', 'repeated', 'late', 'repeated', 'never sent']);
  });

  it('does not miss what is in doubt, below the highest number or above', () => {
    send(4);
    arrive(1, 3);
    senders.doubt(ANN, BOB, 2);
    senders.doubt(ANN, BOB, 4);
    expect(lost()).toBe(0);
  });

  it('misses what is not in doubt, though others are', () => {
    send(4);
    arrive(1, 4);
    senders.doubt(ANN, BOB, 1);
    senders.doubt(ANN, BOB, 3);
    expect(lost()).toBe(1);
  });

  it('sees what is in doubt arrive once, and no more', () => {
    send(2);
    senders.doubt(ANN, BOB, 1);
    expect(arrive(1, 1)).toEqual(['next', 'repeated']);
  });

  it('has a recipient unresolved while the last message for it is in doubt', () => {
    send(2);
    senders.doubt(ANN, BOB, 1);
    expect(senders.hasUnresolved).toBe(false);
    senders.doubt(ANN, BOB, 2);
    expect([...senders.unresolved(ANN)]).toEqual([BOB]);
    send(1);
    expect([senders.hasUnresolved, senders.unresolved(ANN).size]).toEqual([false, 0]);
  });
});
