/** The commands for whoever works on the project. */
import { playDocument } from './play.ts';

playDocument('CONTRIBUTING.md');
playDocument('docs/BENCHMARKS.md');
