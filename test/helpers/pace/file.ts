/** Before each test file: the limits of a test and of a hook, at the pace of the machine now. */
import { vi } from 'vitest';
import { fastOrLong } from './long.ts';
import { measureSlowness, noteSlowness, paced } from './pace.ts';

/** A test that hangs is ended by the limit of what it waits for, which says what that was; this is for all else. */
const TEST_LIMIT_MS = fastOrLong(300_000, 900_000);
const HOOK_LIMIT_MS = 60_000;

noteSlowness(measureSlowness());
vi.setConfig({ testTimeout: paced(TEST_LIMIT_MS), hookTimeout: paced(HOOK_LIMIT_MS) });
