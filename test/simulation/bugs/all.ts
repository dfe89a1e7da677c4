/** Deliberate bugs, which show that the simulation can fail. Each is tried alone. */

import { ANSWER_BUGS } from './answers.ts';
import { THREAD_BUGS } from './between-threads.ts';
import type { Bug } from './bug.ts';
import { EXPIRY_BUGS } from './expiry.ts';
import { MAILBOX_BUGS } from './mailbox.ts';
import { PROGRAM_BUGS } from './program.ts';
import { PURGE_BUGS } from './purge.ts';
import { SESSION_BUGS } from './session.ts';
import { SHARD_BUGS } from './shard.ts';

export const BUGS: readonly Bug[] = [
  ...SESSION_BUGS,
  ...PROGRAM_BUGS,
  ...ANSWER_BUGS,
  ...THREAD_BUGS,
  ...SHARD_BUGS,
  ...MAILBOX_BUGS,
  ...EXPIRY_BUGS,
  ...PURGE_BUGS,
];
