/** What the clients of the swarm send to each other, and its lines in the plain protocol. */

/** The name of client `index` in a run. It has no comma, colon or white space, which would end a name in a line. */
export function clientName(run: string, index: number): string {
  return `swarm-${run}-${index}`;
}

/** A message to several clients. Its text is `t=<ns> n=<index>:<number>,<index>:<number>`. */
export interface Letter {
  readonly to: readonly string[];
  readonly text: string;
  readonly deliveries: readonly Delivery[];
}

/** A recipient of a letter, and the running number of the letter for it. */
export interface Delivery {
  readonly recipient: number;
  readonly number: number;
}

/** @param names the names of all clients */
export function letter(deliveries: readonly Delivery[], timeNs: number, names: readonly string[]): Letter {
  const numbers = deliveries.map(({ recipient, number }) => `${recipient}:${number}`).join(',');
  const to = deliveries.map(({ recipient }) => names[recipient] ?? '');
  return { to, text: `t=${timeNs} n=${numbers}`, deliveries };
}

/** The line that sends a letter in the plain protocol. */
export function plainLine({ to, text }: Letter): string {
  return `${to.join(', ')}: ${text}`;
}

/** The line in which a plain client gets a message. */
export function deliveredLine(from: string, text: string): string {
  return `from ${from}: ${text}`;
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
  const prefix = deliveredLine(name, 'proof=');
  if (!line.startsWith(prefix)) return 'none';
  return line === `${prefix}${proof}` ? 'proof' : 'old proof';
}
