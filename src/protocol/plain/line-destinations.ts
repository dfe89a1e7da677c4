/** From a line to whom it is for and what it says: for all sessions, because a line is sent before the next is read. */
import type { DestinationSet } from '../../router/destination-set.ts';
import type { Placement } from '../../router/placement.ts';
import type { Line } from '../../shared/wire/message.ts';
import { AddressedLine, COLON, firstSeparator } from './addressed-line.ts';
import { RememberedLists } from './remembered-lists.ts';

/** What a line is: a message, or nothing to anybody, or for more names than a line may have. */
export type Address = 'message' | 'no colon' | 'too many names';

export class LineDestinations {
  /** The line that was read last, split; of one whose list is remembered only the message. */
  readonly text: AddressedLine;
  /** Whom it is for. */
  to: DestinationSet;
  /** The names of it that had to be split and placed: the work it was to this thread. */
  namesSplit = 0;
  readonly #remembered: RememberedLists;

  /** @param maxNames names that one line may go to */
  constructor(placement: Placement, maxNames = Number.POSITIVE_INFINITY) {
    this.text = new AddressedLine(placement, maxNames);
    this.to = this.text;
    this.#remembered = new RememberedLists(new AddressedLine(placement));
  }

  /** Reads a line. */
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
    this.#remembered.missed(line, text.count);
    return 'message';
  }
}
