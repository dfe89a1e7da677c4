/** Which messages the server has said to have taken: each of them once, in whatever order. */

export class Accepted {
  /** Of all senders. */
  total = 0;
  readonly #sent: Int32Array;
  readonly #count: Int32Array;
  /** Sums of the numbers: with the count they show that none was named twice in the place of another. */
  readonly #sum: Float64Array;

  /** @param sent how many messages each peer has sent */
  constructor(sent: Int32Array) {
    this.#sent = sent;
    this.#count = new Int32Array(sent.length);
    this.#sum = new Float64Array(sent.length);
  }

  /** @returns false if the sender has sent no such message */
  take(sender: number, number: number): boolean {
    if (!(number >= 0 && number < (this.#sent[sender] as number))) return false;
    this.total++;
    this.#count[sender] = (this.#count[sender] as number) + 1;
    this.#sum[sender] = (this.#sum[sender] as number) + number;
    return true;
  }

  /** How many of a sender's messages are accepted. */
  of(sender: number): number {
    return this.#count[sender] as number;
  }

  /** One text for each sender that was not told of each of its messages once. */
  wrongWords(): string[] {
    return Array.from(this.#sent).flatMap((sent, sender) => {
      const isRight = this.#count[sender] === sent && this.#sum[sender] === (sent * (sent - 1)) / 2;
      return isRight ? [] : [`peer ${sender} was told of ${this.#count[sender]} of its ${sent} messages, or of others`];
    });
  }
}
