/** Plays the commands of README.md. */
import { playDocument } from './play.ts';

playDocument('README.md');
