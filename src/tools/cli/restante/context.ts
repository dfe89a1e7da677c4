/** What every command is given. */
import { setMaxListeners } from 'node:events';
import type { Command } from 'commander';
import { Output } from './output.ts';

/** The options that every command has. */
interface CommonOptions {
  readonly json: boolean;
  readonly url: string;
  /** The name of the session; undefined if none is given. */
  readonly name?: string;
  /** What proves it; undefined if nothing does. */
  readonly token?: string;
}

/** The program that a command belongs to. */
export class Context {
  readonly program: Command;
  /** Aborted when the user wants the command to end. */
  readonly stop: AbortSignal;

  constructor(program: Command, stop: AbortSignal) {
    this.program = program;
    this.stop = stop;
    // Each message that is under way listens to it.
    setMaxListeners(0, stop);
  }

  /** The options as they were read. They are complete once a command runs. */
  get options(): CommonOptions {
    return this.program.opts<CommonOptions>();
  }

  /** Standard output in the form that was asked for. */
  get output(): Output {
    return new Output(process.stdout, this.options.json);
  }

  /** Tells the user something that is no result. */
  note(text: string): void {
    console.error(`restante: ${text}`);
  }
}
