/** What networks do to the connections of a relay, one thing after another: cuts, delays, halves and repeats. */
import type { Choices } from '../../helpers/faults/random.ts';
import type { Direction, Relay } from '../../helpers/programs/relay.ts';

/** A relay cuts after so many bytes of one direction on average. */
const BYTES_BETWEEN_CUTS = 16_000;
const DELAY_MS = 20;
/** A repeated line may be behind so many others. */
const LATE_LINES = 20;
const PIECES = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1_400, 100, 13] as const;

/** Havoc on some relays, until it is stopped. */
export class Havoc implements Disposable {
  readonly #choices: Choices;
  readonly #relays: readonly Relay[];
  readonly #timers = new Map<Relay, NodeJS.Timeout>();
  /** How often a connection was cut, and how many lines were said again. */
  cuts = 0;
  repeats = 0;

  constructor(choices: Choices, relays: readonly Relay[]) {
    this.#choices = choices;
    this.#relays = relays;
    for (const relay of relays) {
      relay.onCut = () => {
        this.cuts++;
        this.#next(relay);
      };
      this.#next(relay);
    }
  }

  /** From now on the relay says some messages of its client again, at once and later. */
  repeat(relay: Relay): void {
    const late: string[] = [];
    relay.repeats = (line) => {
      // Over connections the client itself says again what was not accepted, in order. Nothing may overtake that.
      if (line.startsWith('{"type":"hello"')) late.length = 0;
      if (!line.startsWith('{"type":"send"')) return '';
      if (this.#choices.chance(0.05)) late.push(line);
      const again = this.#choices.chance(0.1) ? line : '';
      const later = late.length > 0 && this.#choices.chance(1 / LATE_LINES) ? late.shift() : '';
      this.repeats += (again === '' ? 0 : 1) + (later === '' ? 0 : 1);
      return again + later;
    };
  }

  #next(relay: Relay): void {
    const choices = this.#choices;
    relay.pieceBytes = choices.of(PIECES);
    relay.cutAfter(this.#direction(), choices.between(1, 2 * BYTES_BETWEEN_CUTS), choices.of(['end', 'reset']));
    if (!choices.chance(0.3) || this.#timers.has(relay)) return;
    relay.hold(this.#direction());
    this.#timers.set(
      relay,
      setTimeout(() => this.#release(relay), choices.between(1, DELAY_MS)),
    );
  }

  #release(relay: Relay): void {
    this.#timers.delete(relay);
    relay.release();
  }

  #direction(): Direction {
    return this.#choices.of(['to broker', 'to client']);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const relay of this.#relays) {
      relay.onCut = undefined;
      relay.cutAfter('to broker', Number.POSITIVE_INFINITY);
      relay.repeats = undefined;
      relay.release();
    }
  }
}
