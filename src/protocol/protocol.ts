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

/** What a program asks of the broker itself. */
export type Question =
  | { readonly kind: 'ping' }
  | { readonly kind: 'who'; readonly id: string; readonly names: readonly Uint8Array[] }
  | { readonly kind: 'watch' | 'unwatch'; readonly id: string | undefined; readonly names: readonly Uint8Array[] };

/**
 * The result of a step:
 * - `more`: everything that was fed has been processed.
 * - `program`: the peer speaks the protocol of programs. This comes once, before all other steps, and the rest of the
 *   piece is for a decoder of that.
 * - `login`: the peer gave its name. This comes once, before all following steps.
 * - `send`: a message and its destinations.
 * - `ack`: the peer acknowledges messages.
 * - `command`: a command for the broker.
 * - `question`: a program asks something of the broker.
 * - `nothing`: a line that is sent nowhere. The peer may have to be told why.
 * - `wrong`: the session ends. No step follows.
 */
export type Step = 'more' | Found;
export type Found = 'program' | 'login' | 'send' | 'ack' | 'command' | 'question' | 'nothing' | 'wrong';

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
  /** Of `ack`: the number of the last message that is acknowledged, with all before it. */
  readonly ackNumber: number;
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

/** Frames in the form of a protocol. They are valid until anything else is encoded. */
export interface EncodedFrames {
  readonly bytes: Uint8Array;
  /** The end of each frame in `bytes`. */
  readonly ends: Int32Array;
}

/** Turns what the broker sends into bytes of the protocol. */
export interface Encoder {
  /** A notice as bytes. */
  notice(notice: Notice): Uint8Array;
  /**
   * Whether frames must be encoded. If not, they are written as they are, which saves a copy.
   * @param kinds all words FRAME_BODY of their headers, or-ed
   */
  encodes(kinds: number): boolean;
  /** Encodes frames of which `encodes` is true. */
  encode(frames: Frames): EncodedFrames;
}

/** The plain protocol, which every session begins with. */
export interface Protocol {
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

/** A decoder of the protocol of programs. Its `login` has more than a name. */
export interface ProgramDecoder extends Decoder {
  /** Of `login`: whether mail counts as written only once the peer has acknowledged it. */
  readonly acknowledges: boolean;
  /** Of `login`: the most messages that may be unacknowledged at a time. */
  readonly windowMessages: number;
  /** Of `ack`: whether it is a rejection, which is of that one message alone. */
  readonly rejects: boolean;
  /** Of `send`: the id that the program has given the message; undefined if it need not be told the outcome. */
  readonly sendId: string | undefined;
  /** Of `question`: the question. */
  readonly question: Question;
  /** Of `send`: sets the number by which the outcome is told. */
  numberMessage(number: number): void;
}

/** An encoder of the protocol of programs. It knows the numbers of the messages, so each session has its own. */
export interface ProgramEncoder extends Encoder {
  /** The number of the last message that was encoded. */
  readonly lastNumber: number;
  /** The program may have so many messages unacknowledged, and is told so when it is welcome. */
  grant(windowMessages: number): void;
  /** The numbers of the next messages follow this one. */
  continueBehind(number: number): void;
  /** @param take from now on gives what goes before the next messages that are encoded, in one write with them */
  precede(take: () => Uint8Array | undefined): void;
}

/** The protocol of programs, for sessions whose first line says that they speak it. */
export interface ProgramProtocol {
  /** See Protocol. */
  decoder(memory: Memory, places: PieceBuffers): ProgramDecoder;
  encoder(): ProgramEncoder;
}
