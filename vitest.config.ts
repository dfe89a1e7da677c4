import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    benchmark: { include: ['test/bench/micro/**/*.bench.ts'] },
    // The limits of tests and hooks are set there: they follow the machine's speed.
    globalSetup: ['test/helpers/programs/global.ts', 'test/helpers/pace/global.ts', 'test/browser/global.ts'],
    setupFiles: ['test/helpers/programs/file.ts', 'test/helpers/pace/file.ts'],
    // Broker and swarm have threads of their own: two files at a time are enough for two cores.
    maxWorkers: 2,
    // Tests that only wait for a process of theirs, in one file.
    maxConcurrency: 2,
    pool: 'forks',
  },
});
