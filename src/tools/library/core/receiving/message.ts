/** A message that was received, as the application has it. */
import type { SendOptions, Sent } from '../sending/sending.ts';
import { numberIn, textIn, textOrNone, type Words } from '../words.ts';

/** What a message needs of its client. */
export interface MessageHome {
  ack(message: Message): void;
  reject(message: Message, reason: string | undefined): void;
  reply(message: Message, body: unknown, options: SendOptions): Promise<Sent>;
}

/** A message. */
export class Message {
  /** It rises with each message of a name, as long as the mailbox has the same word. */
  readonly seq: number;
  /** The word of the mailbox. Another word means that the name was forgotten, and its `seq` began anew. */
  readonly mailbox: string | undefined;
  readonly from: string;
  readonly body: unknown;
  /** The sender's id, if it gave one. */
  readonly id: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  /** It waited in the mailbox. */
  readonly held: boolean;
  /** It was delivered before, and not acknowledged. */
  readonly redelivered: boolean;
  /** The id of what this answers. */
  readonly re: string | undefined;
  readonly #home: MessageHome;

  constructor(seq: number, mailbox: string | undefined, words: Words, home: MessageHome) {
    this.seq = seq;
    this.mailbox = mailbox;
    this.from = textIn(words, 'from');
    this.body = words.body;
    this.id = textOrNone(words, 'id');
    this.time = numberIn(words, 'time');
    this.held = words.held === true;
    this.redelivered = words.redelivered === true;
    this.re = textOrNone(words, 're');
    this.#home = home;
  }

  /** It is worked off. The broker is told once all messages before it are, too. A second call does nothing. */
  ack(): void {
    this.#home.ack(this);
  }

  /** It is taken out for good, and its sender is told so if it asked for a receipt. A second call does nothing. */
  reject(reason?: string): void {
    this.#home.reject(this, reason);
  }

  /** Sends an answer to the sender. It does not acknowledge the message. Resolves and rejects as `send`. */
  reply(body: unknown, options: SendOptions = {}): Promise<Sent> {
    return this.#home.reply(this, body, options);
  }
}
