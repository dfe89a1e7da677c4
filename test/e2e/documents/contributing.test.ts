/** Runs the commands of CONTRIBUTING.md. */
import { playDocument } from './play.ts';

playDocument('CONTRIBUTING.md');
playDocument('docs/BENCHMARKS.md');
