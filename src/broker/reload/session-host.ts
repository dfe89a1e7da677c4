/** What sessions are given: parts that all of them share, and what follows from the settings. */
import type { Clocks } from '../../protocol/json/decoder.ts';
import { JsonProtocol } from '../../protocol/json/json-protocol.ts';
import { PlainProtocol } from '../../protocol/plain/plain-protocol.ts';
import type { Placement } from '../../router/placement.ts';
import { Presence } from '../../session/presence.ts';
import { Pings } from '../../session/program/pings.ts';
import { Receipts } from '../../session/program/receipts.ts';
import type { SessionHost } from '../../session/session-host.ts';
import type { MemoryPlan } from '../../shards/memory-plan.ts';
import { reportAfterBytes } from '../../shards/window-sizes.ts';
import type { Config } from '../../shared/common/config.ts';
import { startTimer } from '../../shared/common/timer.ts';

/** What all sessions are given, whenever they began. */
export type SharedParts = Omit<SessionHost, 'config' | 'protocol' | 'programs'>;

/** Makes what all sessions are given. */
export function sharedParts(
  config: Config,
  { arena, pieces, writeBuffers }: MemoryPlan,
  parts: Pick<SessionHost, 'authenticator' | 'router' | 'turns'>,
): SharedParts {
  return {
    ...parts,
    memory: arena.memory,
    places: pieces,
    writeBuffers,
    startTimer,
    presence: new Presence(),
    pings: new Pings(),
    receipts: new Receipts(),
    reportAfterBytes: reportAfterBytes(config),
  };
}

/** What sessions are given that begin with these settings. */
export function withSettings(config: Config, shared: SharedParts, placement: Placement, clocks: Clocks): SessionHost {
  const protocol = new PlainProtocol(config, placement);
  return { ...shared, config, protocol, programs: new JsonProtocol(config, placement, clocks) };
}
