/**
 * The gate of a session that was asked for a proof: it takes the next line, which is the proof, and keeps what comes
 * behind it as any gate. The line is read into memory of its own and wiped where it came from. No decoder sees it.
 */
import { NameGate } from '../reader/name-gate.ts';

/** The longest proof. A JWT can be some thousand bytes long. */
export const MAX_PROOF_BYTES = 8_192;
const LF = 0x0a;
const CR = 0x0d;

/** What becomes of the line. */
export interface ProofTaker {
  /** Called once, with memory that nobody else has. */
  take(proof: Uint8Array): void;
  tooLong(): void;
  /** The stream has ended without such a line. */
  none(): void;
}

export class ProofGate extends NameGate {
  #taker: ProofTaker | undefined;
  readonly #line = new Uint8Array(MAX_PROOF_BYTES + 1);
  #length = 0;

  /** @param pause see NameGate, as `quits` */
  constructor(pause: () => void, quits: (bytes: Buffer, length: number) => boolean, taker: ProofTaker) {
    super(pause, quits);
    this.#taker = taker;
  }

  override read(bytes: Buffer, length: number): void {
    if (this.#taker === undefined) {
      super.read(bytes, length);
      return;
    }
    const lf = bytes.subarray(0, length).indexOf(LF);
    const end = lf < 0 ? length : lf;
    const line = bytes.subarray(0, end);
    const fits = this.#length + end <= this.#line.length;
    if (fits) this.#line.set(line, this.#length);
    this.#length += end;
    line.fill(0);
    if (!fits) this.#done()?.tooLong();
    else if (lf >= 0) {
      const rest = bytes.subarray(lf + 1, length);
      super.read(rest, rest.length);
      this.#take();
    }
  }

  /** A last line need not have its LF. One that a reset has cut off does not count, and no other one comes. */
  override end(reset: boolean): void {
    if (this.#length > 0 && !reset) this.#take();
    else this.#done()?.none();
  }

  #take(): void {
    const hasCr = this.#line[this.#length - 1] === CR;
    const proof = this.#line.slice(0, this.#length - (hasCr ? 1 : 0));
    const taker = this.#done();
    if (proof.length > MAX_PROOF_BYTES) taker?.tooLong();
    else taker?.take(proof);
  }

  #done(): ProofTaker | undefined {
    const taker = this.#taker;
    this.#taker = undefined;
    this.#line.fill(0);
    this.#length = 0;
    return taker;
  }

  /** Whether the proof is still to come. Then its part that has come is wiped, and nothing comes any more. */
  drop(): void {
    this.#done();
  }
}
