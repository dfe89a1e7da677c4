/** How a client of the swarm speaks: in the plain protocol, or in that of programs. */
import type { Counts } from '../../../src/tools/swarm/task.ts';
import type { Letter } from '../messages.ts';

/** What a line of the broker is to the client. */
export type Heard =
  /** The name is the client's, and it may send. */
  | { readonly kind: 'live' }
  | { readonly kind: 'taken'; readonly waits: boolean }
  /** It may be the reason for the end of the connection. */
  | { readonly kind: 'reason'; readonly text: string }
  | { readonly kind: 'mail' }
  | { readonly kind: 'other' };

/** The voice of one client, over all its connections. It has one at a time. */
export interface Voice {
  /** Whether the client may close its connection without a word, and nothing is lost. */
  readonly mayCrash: boolean;
  /** A connection begins. @returns its first line, and what follows at once */
  begin(): readonly string[];
  /** @returns the line that sends a letter */
  send(letter: Letter): string;
  /** @param connectedAtMs when the connection was made */
  hear(line: string, connectedAtMs: number): Heard;
  /** @returns the line that is due; undefined if none is */
  due(nowMs: number): string | undefined;
  /** @returns the last line before the client leaves in order; undefined if there is none */
  leave(): string | undefined;
  /** The connection is over. @param inOrder whether the client left, and the broker has ended its side */
  end(inOrder: boolean): void;
}

/** What a voice needs of its thread. */
export interface VoiceHost {
  readonly counts: Counts;
  /** Between 0 and 1. */
  random(): number;
  /** Records a delivered message, as the line that a plain client gets. */
  mail(line: string, recipient: number, connectedAtMs: number): void;
  /** Records that what became of a letter is not known. */
  doubt(sender: number, letter: Letter): void;
  /** Records that the broker has broken the protocol. @param what a sentence */
  violated(what: string): void;
}
