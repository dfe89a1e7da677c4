/** Runs before the first test: compiles the code that tests run in other processes and threads. */
export { build as default } from './build.ts';
