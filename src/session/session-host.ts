/** What a session needs of the broker around it. */
import type { Authenticator } from '../auth/authenticator.ts';
import type { Protocol } from '../protocol/protocol.ts';
import type { Router } from '../router/router.ts';
import type { Config } from '../shared/common/config.ts';
import type { StartTimer } from '../shared/common/timer.ts';
import type { Memory } from '../shared/memory/memory.ts';
import type { WriteSlabs } from '../shared/memory/write-buffers.ts';
import type { Presence } from './presence.ts';
import type { Turns } from './reader/turns.ts';

export interface SessionHost {
  readonly config: Config;
  readonly authenticator: Authenticator;
  /** What its peer speaks. */
  readonly protocol: Protocol;
  readonly router: Router;
  /** The memory that most of what is read is in. */
  readonly memory: Memory;
  /** Where bytes lie while they are written. */
  readonly slabs: WriteSlabs;
  readonly turns: Turns;
  readonly startTimer: StartTimer;
  readonly presence: Presence;
  /** Written bytes that a writer need not report at once. */
  readonly reportAfterBytes: number;
}
