/**
 * A client that speaks the protocol of programs, and checks that the broker keeps it. It is live when it is welcome. It
 * works a message off when it gets it, and acknowledges it then or later. So a crash leaves some that it has worked off
 * and not acknowledged. They come again, and it drops them.
 */
import { deliveredLine, type Letter } from '../messages.ts';
import { Inbox } from './inbox.ts';
import { Sends } from './sends.ts';
import type { Heard, Voice, VoiceHost } from './voice.ts';

/** So few messages may be unacknowledged that a late acknowledgement holds back others. */
export const WINDOW_MESSAGES = 32;
/** This part of the acknowledgements is late, by at most this time. */
const LATE_PART = 0.1;
const LATEST_MS = 300;

type Told = Readonly<Record<string, unknown>>;

export class ProgramVoice implements Voice {
  readonly mayCrash = true;
  readonly #host: VoiceHost;
  readonly #name: string;
  readonly #index: number;
  readonly #token: string | undefined;
  readonly #inbox: Inbox;
  readonly #sends: Sends;
  #welcome = false;
  #nextAckMs = 0;

  constructor(host: VoiceHost, name: string, index: number, token?: string) {
    this.#host = host;
    this.#name = name;
    this.#index = index;
    this.#token = token;
    const violated = (what: string) => this.#violated(what);
    this.#inbox = new Inbox(WINDOW_MESSAGES, violated);
    this.#sends = new Sends(violated);
  }

  begin(): readonly string[] {
    this.#welcome = false;
    const own = { name: this.#name, token: this.#token };
    return [JSON.stringify({ type: 'hello', v: 1, ...own, window: WINDOW_MESSAGES })];
  }

  send(letter: Letter): string {
    return this.#sends.send(letter);
  }

  hear(line: string, connectedAtMs: number): Heard {
    const told = parsed(line);
    switch (told?.type) {
      case 'message':
        return this.#message(told, line, connectedAtMs);
      case 'accepted':
        this.#host.counts.refusals += this.#sends.accepted(told.id, told.to, told.duplicate);
        return { kind: 'other' };
      case 'welcome':
        return this.#welcomed(told);
      case 'waiting':
        return { kind: 'taken', waits: true };
      case 'error':
        return this.#error(told, line);
      case 'bye':
        return { kind: 'reason', text: `${told.code}: ${told.message}` };
      case 'notice':
        return { kind: 'other' };
      default:
        this.#violated(`got a line that is none of the protocol: ${shortened(line)}`);
        return { kind: 'other' };
    }
  }

  due(nowMs: number): string | undefined {
    if (nowMs < this.#nextAckMs) return undefined;
    const seq = this.#inbox.acknowledge();
    if (seq === undefined) return undefined;
    const isLate = this.#host.random() < LATE_PART;
    this.#nextAckMs = isLate ? nowMs + this.#host.random() * LATEST_MS : nowMs;
    return ackLine(seq);
  }

  leave(): string | undefined {
    const seq = this.#inbox.acknowledge();
    return seq === undefined ? undefined : ackLine(seq);
  }

  end(inOrder: boolean): void {
    const letters = this.#sends.giveUp();
    if (inOrder && letters.length > 0) {
      this.#violated(`left in order, and was not told what became of ${letters.length} messages`);
    }
    for (const letter of letters) this.#host.doubt(this.#index, letter);
  }

  #welcomed({ name, last }: Told): Heard {
    if (this.#welcome || name !== this.#name || typeof last !== 'number') {
      this.#violated(`was welcome as ${name} behind ${last}`);
      return { kind: 'other' };
    }
    this.#welcome = true;
    this.#inbox.open(last);
    return { kind: 'live' };
  }

  #message({ seq, from, body, redelivered }: Told, line: string, connectedAtMs: number): Heard {
    if (!this.#welcome || typeof seq !== 'number' || typeof from !== 'string' || typeof body !== 'string') {
      this.#violated(`got a message that nobody sent so: ${shortened(line)}`);
    } else if (this.#inbox.take(seq, redelivered === true)) {
      this.#host.mail(deliveredLine(from, body), this.#index, connectedAtMs);
    } else this.#host.counts.redelivered++;
    return { kind: 'mail' };
  }

  #error({ code, id }: Told, line: string): Heard {
    const letter = code === 'SHARD_RESTARTED' ? this.#sends.lost(id) : undefined;
    if (letter === undefined) this.#violated(`got an error that it did not ask for: ${shortened(line)}`);
    else this.#host.doubt(this.#index, letter);
    return { kind: 'other' };
  }

  #violated(what: string): void {
    this.#host.violated(`${this.#name} ${what}`);
  }
}

function ackLine(seq: number): string {
  return JSON.stringify({ type: 'ack', seq });
}

function parsed(line: string): Told | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Told) : undefined;
  } catch {
    return undefined;
  }
}

/** The beginning of a line, for a report of one line. */
function shortened(line: string): string {
  return line.slice(0, 200);
}
