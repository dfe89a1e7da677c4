/**
 * What a session knows of the protocol that its peer speaks: bytes become steps, and what the broker has to say becomes
 * bytes. A protocol is one for all its sessions, and each session has a decoder of its own.
 */
import type { DestinationSet, MessageText } from '../router/destination-set.ts';
import type { Memory } from '../shared/memory/memory.ts';
import type { Frames } from '../shared/wire/frames.ts';
import type { SessionError } from './errors.ts';
import type { Notice } from './notice-line.ts';

/** What is asked of the broker itself. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'who' }
  | { readonly kind: 'who is'; readonly name: Uint8Array }
  | { readonly kind: 'quit' }
  | { readonly kind: 'unknown'; readonly word: Uint8Array };

/**
 * What a decoder has found:
 * - `more`: all that was fed is worked off.
 * - `login`: who the peer says it is. It is found once, before all that follow.
 * - `send`: a message and whom it is for.
 * - `command`: a question to the broker.
 * - `nothing`: what is sent nowhere; the peer may have to be told why.
 * - `wrong`: the session ends, and nothing is found behind it.
 */
export type Step = 'more' | Found;
export type Found = 'login' | 'send' | 'command' | 'nothing' | 'wrong';

/**
 * Cuts a stream of bytes, in whatever pieces it comes, into steps. A piece is fed, and then worked off by calls of
 * `next` until it answers `more`. What a step has found stands in fields, so that no object is made for it: they are
 * valid until any decoder of the protocol is asked for a step.
 */
export interface Decoder {
  /** Of `login`: the name, and what proves it where the protocol has that. They are valid for ever. */
  readonly name: Uint8Array;
  readonly proof: Uint8Array | undefined;
  /** Of `send`. */
  readonly to: DestinationSet;
  readonly text: MessageText;
  /** Of `command`. */
  readonly command: Command;
  /** Of `nothing`: what the peer is told, if anything. */
  readonly notice: Notice | undefined;
  /** Of `wrong`: why the session ends. */
  readonly error: SessionError;
  /** How many short lines the step has been worth of work, beside one. */
  readonly work: number;

  /**
   * Gives the next piece of the stream, the first `length` bytes of `bytes`; the one before must have been worked off.
   * It must stay as it is until it is worked off, or until `keep`.
   */
  feed(bytes: Buffer, length?: number): void;
  /** The stream has ended: what was fed last is its end. */
  finish(): void;
  /** Finds the next step. */
  next(): Step;
  /** Finds the step found last once more, because it could not be done: other decoders have been asked since. */
  again(): Found;
  /** Copies what is left of the piece at hand, with the step found last: its bytes are about to be written over. */
  keep(): void;
  /** Takes a copy of what is left of the piece at hand, which is worked off then. */
  takeRest(): Buffer;
}

export interface Encoder {
  /** What the broker has to say, in bytes. */
  notice(notice: Notice): Uint8Array;
  /**
   * Room for protocols to which mail does not go as the frames are: they say where in the bytes each frame ends.
   * No writer calls it yet. Where it is absent the frames themselves are written, without a copy more.
   */
  readonly encode?: (frames: Frames) => { readonly bytes: Uint8Array; readonly ends: Int32Array };
}

export interface Protocol {
  /** Whether mail counts as written when the peer has said that it has it, and not when the system has taken it. */
  readonly acknowledges: boolean;
  readonly encoder: Encoder;
  /** A decoder for a new session. @param memory the memory that most of what is read is in */
  decoder(memory: Memory): Decoder;
  /** Whether these bytes, read alone, say that the peer wants to leave, and nothing else. */
  isQuit(bytes: Buffer, length: number): boolean;
}
