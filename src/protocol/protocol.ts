/**
 * The interface of a protocol. It turns bytes of a peer into steps, and notices of the broker into bytes. All sessions
 * share one protocol; each session has its own decoder.
 */
import type { DestinationSet, MessageText } from '../router/destination-set.ts';
import type { Memory } from '../shared/memory/memory.ts';
import type { PieceBuffers } from '../shared/memory/piece-buffers.ts';
import type { Frames } from '../shared/wire/frames/frames.ts';
import type { SessionError } from './errors.ts';
import type { Notice } from './notice-line.ts';

/** A command, which is for the broker and not for another peer. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'who' }
  | { readonly kind: 'who is'; readonly name: Uint8Array }
  | { readonly kind: 'quit' }
  | { readonly kind: 'unknown'; readonly word: Uint8Array };

/**
 * The result of a step:
 * - `more`: everything that was fed has been processed.
 * - `login`: the peer gave its name. This comes once, before all other steps.
 * - `send`: a message and its destinations.
 * - `command`: a command for the broker.
 * - `nothing`: a line that is sent nowhere. The peer may have to be told why.
 * - `wrong`: the session ends. No step follows.
 */
export type Step = 'more' | Found;
export type Found = 'login' | 'send' | 'command' | 'nothing' | 'wrong';

/**
 * Cuts a stream of bytes into steps, in whatever pieces the stream arrives. A piece is fed, and then `next` is called
 * until it returns `more`. The result of a step is in fields, so that no object is allocated for it. The fields are
 * valid until any decoder of the protocol is asked for its next step.
 */
export interface Decoder {
  /** Of `login`: the name, and a proof where the protocol has one. These two stay valid. */
  readonly name: Uint8Array;
  readonly proof: Uint8Array | undefined;
  /** Of `send`: the destinations and the message. */
  readonly to: DestinationSet;
  readonly text: MessageText;
  /** Of `command`: the command. */
  readonly command: Command;
  /** Of `nothing`: the notice for the peer, if there is one. */
  readonly notice: Notice | undefined;
  /** Of `wrong`: why the session ends. */
  readonly error: SessionError;
  /** The work that the step took, as a number of short lines in addition to its own line. */
  readonly work: number;

  /**
   * Feeds the next piece of the stream. The piece before must have been processed.
   * @param bytes the piece; it must not change until it has been processed, or until `keep`
   * @param length how many bytes of `bytes` the piece has
   */
  feed(bytes: Buffer, length?: number): void;
  /** The stream has ended with what was fed last. */
  finish(): void;
  /** Finds the next step. @returns its kind */
  next(): Step;
  /** Finds the last step again, because it could not be done. Its fields are gone: other decoders were asked since. */
  again(): Found;
  /** Copies the last step and the rest of the piece, because the buffer of the piece is about to be overwritten. */
  keep(): void;
  /** Takes the rest of the piece, which counts as processed then. @returns a copy of it */
  takeRest(): Buffer;
  /** The session reads no more. Gives back what the decoder keeps. After that nothing but `keep` may be called. */
  release(): void;
}

/** Turns what the broker sends into bytes of the protocol. */
export interface Encoder {
  /** A notice as bytes. */
  notice(notice: Notice): Uint8Array;
  /**
   * For protocols in which mail is not sent as the frames are. `ends` has the end of each frame in `bytes`. No writer
   * calls it yet. Without it the frames themselves are written, which saves a copy.
   */
  readonly encode?: (frames: Frames) => { readonly bytes: Uint8Array; readonly ends: Int32Array };
}

/** One protocol, for all sessions that speak it. */
export interface Protocol {
  /**
   * Whether mail counts as written only once the peer has acknowledged it. Otherwise it does once the kernel has taken
   * it.
   */
  readonly acknowledges: boolean;
  readonly encoder: Encoder;
  /**
   * A decoder for a new session.
   * @param memory the memory in which most pieces of the stream lie
   * @param places for pieces that are kept
   */
  decoder(memory: Memory, places: PieceBuffers): Decoder;
  /** Whether a read of exactly these bytes is the command to leave, and nothing else. */
  isQuit(bytes: Buffer, length: number): boolean;
}
