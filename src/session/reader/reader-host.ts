/** What a reader needs of its session. */
import type { Decoder } from '../../protocol/protocol.ts';
import type { NameGate } from './name-gate.ts';

/** A session, as its reader knows it. */
export interface ReaderHost {
  /** The peer is a program. @returns the decoder of its protocol, which reads on */
  speakProgram(): Decoder;
  /** Takes the name that the decoder has found. @returns the gate for what is read next; undefined if nothing waits */
  login(): NameGate | undefined;
  /** Whether the session waits for its name, for a time that nobody knows. */
  mustWait(): boolean;
  /**
   * The peer has ended its side, or has reset the connection, and all that was read is routed. The session must call
   * `end` when it wants no more.
   */
  leave(reset: boolean, end: () => void): void;
  /**
   * The connection is closed. This is called even if the reader has ended, because nobody else tells the writer.
   * @returns whether the reader must end at once, whatever it waits for
   */
  noteClosed(): boolean;
}
