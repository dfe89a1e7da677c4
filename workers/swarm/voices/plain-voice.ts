/**
 * A client that speaks the plain protocol. To arrive, it sends a line to itself. It is live when that line has come
 * back.
 */
import { type Letter, plainLine, proofLine, readProof } from '../messages.ts';
import type { Heard, Voice, VoiceHost } from './voice.ts';

/** The beginning of the broker's welcome. It is no reason for the end of a connection. */
const GREETING = '* you are ';

export class PlainVoice implements Voice {
  readonly mayCrash = false;
  readonly #host: Pick<VoiceHost, 'counts' | 'mail'>;
  readonly #name: string;
  readonly #index: number;
  readonly #proof: readonly string[];
  #proofs = 0;

  constructor(host: Pick<VoiceHost, 'counts' | 'mail'>, name: string, index: number, token?: string) {
    this.#host = host;
    this.#name = name;
    this.#index = index;
    this.#proof = token === undefined ? [] : [token];
  }

  begin(): readonly string[] {
    return [this.#name, ...this.#proof, proofLine(this.#name, ++this.#proofs)];
  }

  send(letter: Letter): string {
    return plainLine(letter);
  }

  hear(line: string, connectedAtMs: number): Heard {
    if (line.startsWith('* ')) return this.#notice(line);
    const proof = readProof(line, this.#name, this.#proofs);
    if (proof === 'proof') return { kind: 'live' };
    if (proof === 'none') this.#host.mail(line, this.#index, connectedAtMs);
    return { kind: 'mail' };
  }

  due(): undefined {
    return undefined;
  }

  leave(): undefined {
    return undefined;
  }

  end(): void {}

  #notice(line: string): Heard {
    if (line.startsWith(`* ${this.#name} is taken`)) {
      return { kind: 'taken', waits: line.endsWith('you wait until it is free') };
    }
    const refusals = refusalsIn(line);
    this.#host.counts.refusals += refusals;
    if (refusals > 0 || line.endsWith('mail is held') || line.startsWith(GREETING)) return { kind: 'other' };
    return { kind: 'reason', text: line };
  }
}

/** How many messages a notice reports as dropped or refused: one, or the number in `N more messages`. */
function refusalsIn(line: string): number {
  if (!/(?:dropped|refused)$/.test(line)) return 0;
  return Number(/(\d+) more messages?\b/.exec(line)?.[1] ?? 1);
}
