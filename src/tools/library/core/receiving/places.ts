/**
 * The messages of one mailbox that the broker does not know to be worked off, in the order of `seq`. A seq may be
 * missing between two of them: what was rejected, has expired or was purged does not come again. So the order counts
 * here, and not that each seq is one more than the last.
 */

/**
 * `waiting`: received, and not handed to the application. `absent`: was so when the connection was lost, and will come
 * again. `in hand`: handed, and not acknowledged.
 */
type PlaceState = 'waiting' | 'absent' | 'in hand' | 'acked';

/** One message. */
export interface Place {
  readonly seq: number;
  state: PlaceState;
  /** The connection on which it came last. */
  connection: number;
}

/** The messages. */
export class Places {
  #places: Place[] = [];
  #connection = 0;
  /** Some of them have not come on this connection. */
  #recovering = false;
  /** All up to here are worked off. */
  #ackedTo = 0;

  get ackedTo(): number {
    return this.#ackedTo;
  }

  get inHand(): number {
    return this.#places.filter(({ state }) => state === 'in hand').length;
  }

  /** A connection begins. All up to `last` are known to be worked off, by this client or another. */
  connected(last: number): void {
    this.#connection++;
    this.#places = this.#places.filter(({ seq }) => seq > last);
    this.#recovering = this.#places.length > 0;
    this.#advance();
  }

  /** The connection is lost. What was not handed out will come again. */
  lost(): void {
    for (const place of this.#places) if (place.state === 'waiting') place.state = 'absent';
  }

  /** A message has come. @returns its place; undefined if it is a repeat */
  take(seq: number): Place | undefined {
    if (this.#recovering) this.#passOver(seq);
    const at = this.#indexFor(seq);
    const known = this.#places[at];
    if (known?.seq === seq) {
      known.connection = this.#connection;
      if (known.state !== 'absent') return undefined;
      known.state = 'waiting';
      return known;
    }
    if (seq <= this.#ackedTo) return undefined;
    const place: Place = { seq, state: 'waiting', connection: this.#connection };
    this.#places.splice(at, 0, place);
    return place;
  }

  /** @returns whether `ackedTo` has changed */
  ack(place: Place): boolean {
    place.state = 'acked';
    return this.#advance();
  }

  /** Takes a place out. @returns false if it is there no more */
  remove(place: Place): boolean {
    const at = this.#indexFor(place.seq);
    if (this.#places[at] !== place) return false;
    this.#places.splice(at, 1);
    this.#advance();
    return true;
  }

  /** They come in order. So what came on an earlier connection, and would be before this one, will not come again. */
  #passOver(seq: number): void {
    this.#places = this.#places.filter((place) => place.connection === this.#connection || place.seq >= seq);
    this.#recovering = this.#places.some(({ connection }) => connection !== this.#connection);
    this.#advance();
  }

  #advance(): boolean {
    const before = this.#ackedTo;
    while (this.#places[0]?.state === 'acked') this.#ackedTo = this.#places.shift()?.seq ?? this.#ackedTo;
    return this.#ackedTo !== before;
  }

  /** The index of the first place that is not before `seq`. Most come at the end. */
  #indexFor(seq: number): number {
    return this.#places.findLastIndex((place) => place.seq < seq) + 1;
  }
}
