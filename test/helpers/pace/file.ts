/** Runs before each test file. Sets the time limits of tests and hooks for the current speed of the machine. */
import { vi } from 'vitest';
import { fastOrLong } from './long.ts';
import { measureSlowness, noteSlowness, paced } from './pace.ts';

/**
 * A last resort. A test that hangs is normally ended by the limit of its own wait, whose error says what it waited for.
 */
const TEST_LIMIT_MS = fastOrLong(300_000, 900_000);
const HOOK_LIMIT_MS = 60_000;

noteSlowness(measureSlowness());
vi.setConfig({ testTimeout: paced(TEST_LIMIT_MS), hookTimeout: paced(HOOK_LIMIT_MS) });
