/**
 * The outcome of mail for names that are away: the broker says that it is held, or refused because it cannot be stored.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Patience, paced } from '../pace/pace.ts';
import type { LedgerPeer, Peers } from './peer.ts';

export type Outcome = 'held' | 'refused' | 'undecided';

/** How long a sender waits to learn whether its message is held or refused. */
const UNDECIDED_MS = 300;
/** How soon the outcome must change after the disk has changed. */
const NOTICED_SECONDS = 15;

async function outcome(peer: LedgerPeer, away: string): Promise<Outcome> {
  const held = peer.sawHeld(away).then((seen): Outcome => (seen ? 'held' : 'undecided'));
  const refused = peer.sawRefused(away).then((seen): Outcome => (seen ? 'refused' : 'undecided'));
  for (const wait of [held, refused]) wait.catch(() => undefined); // only one of the two notices comes
  return Promise.race([held, refused, sleep(paced(UNDECIDED_MS), 'undecided' as const)]);
}

/** Sends one message to each of the absent, in a session of its own. @returns the outcome of each */
export async function round(
  peers: Peers,
  port: number,
  away: readonly string[],
  bytes: number,
): Promise<readonly Outcome[]> {
  const peer = await peers.connect(port, 'sender');
  peer.send(away, bytes);
  const outcomes = await Promise.all(away.map((name) => outcome(peer, name)));
  await peer.leave();
  return outcomes;
}

/** Repeats rounds until all messages of one round have this outcome. */
export async function roundsUntil(
  wanted: Outcome,
  peers: Peers,
  port: number,
  away: readonly string[],
  bytes: number,
): Promise<void> {
  const patience = new Patience(NOTICED_SECONDS * 1_000);
  for (;;) {
    const outcomes = await round(peers, port, away, bytes);
    if (outcomes.every((each) => each === wanted)) return;
    if (patience.over) throw new Error(`not all mail is ${wanted} in time: ${outcomes.join(' ')}`);
  }
}
