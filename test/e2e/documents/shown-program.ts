/** A program whose conversation with the broker a document shows: `->` is what it sends, `<-` what it gets. */
import { expect } from 'vitest';
import { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

const SENT = '-> ';
const GOT = '<- ';
const HELLO = '-> {"type":"hello"';
const PING = '{"type":"ping"}';
const PONG = '{"type":"pong"}\n';
/** The numbers of messages, which differ in each run. */
const NUMBER = /("(?:seq|last)":)(\d+)/g;
const TYPE = /^\{"type":"(\w+)"/;
const TIME = /("(?:time|since|expires)":)\d+/g;

export class ShownProgram implements Disposable {
  readonly #port: number;
  #peer: Peer | undefined;
  #compared = 0;
  /** What a number of this run is more than the one that the document shows. It is the same for all numbers. */
  #more: number | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends and waits for the lines of a document, in their order. A hello is said over a connection of its own. */
  async play(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      if (line.startsWith(HELLO)) await this.#connect();
      if (line.startsWith(SENT)) this.#connected.send(`${this.#asRun(line.slice(SENT.length))}\n`);
      else if (line.startsWith(GOT)) await this.#gets(line.slice(GOT.length));
      else throw new Error(`neither sent nor got: ${line}`);
    }
  }

  /** Ends the connection. Throws if the broker has said more than the document shows. */
  async leave(): Promise<void> {
    const peer = this.#peer;
    if (peer === undefined) return;
    this.#peer = undefined;
    await peer.leave();
    await until(() => peer.closed, 'the connection of a program to close');
    const more = linesOf(peer).slice(this.#compared);
    expect(
      more.filter((line) => line !== PING),
      'what the document does not show',
    ).toEqual([]);
    this.#compared = 0;
  }

  [Symbol.dispose](): void {
    this.#peer?.destroy();
  }

  get #connected(): Peer {
    if (this.#peer === undefined) throw new Error('the first line must be a hello');
    return this.#peer;
  }

  async #connect(): Promise<void> {
    await this.leave();
    this.#peer = await Peer.connect(this.#port);
  }

  async #gets(shown: string): Promise<void> {
    const got = await this.#next(shown);
    const more = firstNumber(got) - firstNumber(shown);
    if (!Number.isNaN(more)) this.#more ??= more;
    expect(read(got), got).toEqual(read(this.#asRun(shown)));
  }

  /** The next line of the broker. A ping that the document does not show, because a machine is slow, is answered. */
  async #next(shown: string): Promise<string> {
    const peer = this.#connected;
    for (;;) {
      await until(
        () => linesOf(peer).length > this.#compared || peer.sawEnd,
        () => `${shown}, seen: ${peer.received}`,
      );
      const line = linesOf(peer)[this.#compared++] ?? 'the end';
      if (line !== PING || shown === PING) return line;
      peer.send(PONG);
    }
  }

  #asRun(shown: string): string {
    return shown.replace(NUMBER, (_, key: string, number: string) => `${key}${Number(number) + (this.#more ?? 0)}`);
  }
}

function linesOf(peer: Peer): string[] {
  return peer.received.split('\n').slice(0, -1);
}

/** The first number of a message in a line; not a number if there is none. */
function firstNumber(line: string): number {
  return Number([...line.matchAll(NUMBER)][0]?.[2]);
}

/** The object of a line, without times. The order of keys says nothing, but that `type` comes first. */
function read(line: string): unknown {
  return [TYPE.exec(line)?.[1], JSON.parse(line.replace(TIME, '$10'))];
}
