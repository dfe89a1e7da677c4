/** Counts what is lost over all threads: what was sent, is not in doubt, and has not arrived. */
import type { Settlement, SwarmTables } from './task.ts';

/** @returns how many messages are lost, when every thread has settled its ledger */
export function countLost(clients: number, tables: SwarmTables, settlements: readonly Settlement[]): number {
  const sent = new Uint32Array(tables.sent);
  const highest = new Uint32Array(tables.highest);
  const gaps = new Map(settlements.flatMap((settlement) => [...settlement.gaps]));
  let lost = 0;
  for (let sender = 0; sender < clients; sender++) {
    for (let recipient = 0; recipient < clients; recipient++) {
      const arrivals = recipient * clients + sender;
      lost += (sent[sender * clients + recipient] ?? 0) - (highest[arrivals] ?? 0) + (gaps.get(arrivals)?.size ?? 0);
    }
  }
  for (const { unremembered, doubtful } of settlements) {
    lost += unremembered;
    for (const [cell, numbers] of doubtful) {
      const arrivals = (cell % clients) * clients + Math.floor(cell / clients);
      for (const number of numbers) {
        if (number > (highest[arrivals] ?? 0) || gaps.get(arrivals)?.has(number)) lost--;
      }
    }
  }
  return lost;
}
