import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    benchmark: { include: ['test/bench/micro/**/*.bench.ts'] },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Broker and swarm have threads of their own: two files at a time are enough for two cores.
    maxWorkers: 2,
    pool: 'forks',
  },
});
