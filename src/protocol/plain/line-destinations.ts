/**
 * Finds the destinations and the message of a line. All sessions share one, because a line is sent before the next is
 * read.
 */
import type { DestinationSet } from '../../router/destination-set.ts';
import type { Placement } from '../../router/placement.ts';
import type { Line } from '../../shared/wire/message.ts';
import { AddressedLine, COLON, firstSeparator } from './addressed-line.ts';
import { RememberedLists } from './remembered-lists.ts';

/** What a line is: a message, a line that names nobody, or one with more names than a line may have. */
export type Address = 'message' | 'no colon' | 'too many names';

/** Reads lines, and has the result of the last one in its fields. */
export class LineDestinations {
  /** The line that was read last, split. If its list was cached, only the message in it is valid. */
  readonly text: AddressedLine;
  /** The destinations of that line. */
  to: DestinationSet;
  /** How many names of that line had to be split and hashed, which is the work that it took. */
  namesSplit = 0;
  readonly #remembered: RememberedLists;

  /**
   * @param maxNames the most names that one line may be sent to
   */
  constructor(placement: Placement, maxNames = Number.POSITIVE_INFINITY) {
    this.text = new AddressedLine(placement, maxNames);
    this.to = this.text;
    this.#remembered = new RememberedLists(new AddressedLine(placement));
  }

  /** Reads a line. @returns what it is */
  read(line: Line): Address {
    this.namesSplit = 0;
    const separator = firstSeparator(line.bytes, line.start, line.end);
    if (separator < 0) return 'no colon';
    if (line.bytes[separator] === COLON) {
      this.text.toOne(line, separator);
      this.to = this.text;
      return 'message';
    }
    const list = this.#remembered.find(line);
    if (list === undefined) return this.#split(line);
    this.text.takeBody(line, this.#remembered.colonOf(line));
    this.to = list;
    return 'message';
  }

  #split(line: Line): Address {
    const { text } = this;
    const found = text.split(line);
    this.namesSplit = text.count;
    this.to = text;
    if (found !== 'split') return found;
    this.to = this.#remembered.missed(line, text) ?? text;
    return 'message';
  }
}
