/** Runs before each test file: the threads of a broker in the test's own process run compiled code. */
import { vi } from 'vitest';
import { compiled } from './build.ts';

// This module finds the code of a thread beside itself.
vi.mock('../../../src/shared/common/worker-pool.ts', () => import(compiled('src/shared/common/worker-pool.ts')));
