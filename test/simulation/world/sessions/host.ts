/** What the sessions of a simulated broker share. */
import { JsonProtocol } from '../../../../src/protocol/json/json-protocol.ts';
import { PlainProtocol } from '../../../../src/protocol/plain/plain-protocol.ts';
import type { Placement } from '../../../../src/router/placement.ts';
import { Presence } from '../../../../src/session/presence.ts';
import { Pings } from '../../../../src/session/program/pings.ts';
import { Receipts } from '../../../../src/session/program/receipts.ts';
import type { SessionHost } from '../../../../src/session/session-host.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import type { ShardSettings } from '../../../../src/shared/wire/port/shard-task.ts';
import { overwrittenPieces } from '../../../helpers/unit/overwritten-buffers.ts';

/** The parts that the world has made. */
type Parts = Pick<SessionHost, 'authenticator' | 'router' | 'memory' | 'writeBuffers' | 'turns' | 'startTimer'> & {
  readonly placement: Placement;
  /** The time, in seconds. */
  readonly now: () => number;
};

/** Puts a host together from these parts, and from real ones that need no time and no thread. */
export function simHost(settings: ShardSettings, { placement, now, ...parts }: Parts): SessionHost {
  const { strict, holdSeconds, unreportedBytes } = settings;
  const config = { ...readConfig({ STRICT: strict ? 'on' : 'off' }), HOLD_SECONDS: holdSeconds };
  return {
    ...parts,
    config,
    protocol: new PlainProtocol(config, placement),
    programs: new JsonProtocol(config, placement, { now: () => now() * 1000, mailSeconds: now }),
    places: overwrittenPieces(),
    presence: new Presence(() => now() * 1000),
    pings: new Pings(),
    receipts: new Receipts(),
    reportAfterBytes: unreportedBytes,
  };
}
