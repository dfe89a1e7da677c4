/** The lines that the clients of the swarm send to each other in the plain protocol. */

/** The name of client `index` in a run. It has no comma, colon or white space, which would end a name in a line. */
export function clientName(run: string, index: number): string {
  return `swarm-${run}-${index}`;
}

/** One line to several recipients: `NAME, NAME: t=<ns> n=<index>:<number>,<index>:<number>`. */
export class MailBuilder {
  #names = '';
  #numbers = '';

  add(name: string, index: number, number: number): void {
    const first = this.#names === '';
    this.#names += first ? name : `, ${name}`;
    this.#numbers += first ? `${index}:${number}` : `,${index}:${number}`;
  }

  /** The line, or undefined if no recipient was added. The builder is empty afterwards. */
  take(timeNs: number): string | undefined {
    if (this.#names === '') return undefined;
    const line = `${this.#names}: t=${timeNs} n=${this.#numbers}`;
    this.#names = '';
    this.#numbers = '';
    return line;
  }
}

export interface Mail {
  readonly sender: number;
  readonly timeNs: number;
  /** The running number for this recipient. */
  readonly number: number;
}

/** Reads the delivered lines of one run. */
export class MailReader {
  readonly #pattern: RegExp;

  constructor(run: string) {
    this.#pattern = new RegExp(`^from ${clientName(run, 0).slice(0, -1)}(\\d{1,9}): t=(\\d{1,15}) n=([\\d:,]+)$`);
  }

  /** The message in a line that arrived at `recipient`; undefined if the line is no message, or not for it. */
  read(line: string, recipient: number): Mail | undefined {
    const [, sender, timeNs, numbers] = this.#pattern.exec(line) ?? [];
    if (sender === undefined || timeNs === undefined || numbers === undefined) return undefined;
    for (const pair of numbers.split(',')) {
      const colon = pair.indexOf(':');
      if (Number(pair.slice(0, colon)) !== recipient) continue;
      return { sender: Number(sender), timeNs: Number(timeNs), number: Number(pair.slice(colon + 1)) };
    }
    return undefined;
  }
}

/** A line to oneself. When it comes back, the name is live, and the mail that was held for it has arrived. */
export function proofLine(name: string, proof: number): string {
  return `${name}: proof=${proof}`;
}

/** What a line is to a client that proves its name: its proof, an older proof of its own, or something else. */
export function readProof(line: string, name: string, proof: number): 'proof' | 'old proof' | 'none' {
  const prefix = `from ${name}: proof=`;
  if (!line.startsWith(prefix)) return 'none';
  return line === `${prefix}${proof}` ? 'proof' : 'old proof';
}
