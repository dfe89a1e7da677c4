/** A client that knows nothing but HTTP, as curl is one. */
import { startBroker, type TestBroker } from '../../../../helpers/broker.ts';

type Settings = Parameters<typeof startBroker>[0];

/** What was answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A message or another object, as it came. */
export type Told = Readonly<Record<string, unknown>> & { readonly seq?: number; readonly code?: string };

export class HttpClient {
  readonly url: string;
  /** Everything that was answered, for who wants to look at all of it. */
  readonly answers: { readonly method: string; readonly path: string; readonly answer: Answered }[] = [];

  constructor(url: string | undefined) {
    this.url = url ?? '';
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answered> {
    // A connection each: one that is kept can be closed by the server just when the next request begins.
    const headers = { ...init.headers, connection: 'close' };
    const answer = await fetch(`${this.url}${path}`, { ...init, headers });
    const answered = { status: answer.status, headers: answer.headers, text: await answer.text() };
    this.answers.push({ method: init.method ?? 'GET', path, answer: answered });
    return answered;
  }

  /** @param names the path behind /v1/send, with its query */
  post(
    names: string,
    body: string | Uint8Array<ArrayBuffer> = '',
    headers: Record<string, string> = {},
  ): Promise<Answered> {
    return this.ask(`/v1/send/${names}`, { method: 'POST', body, headers });
  }

  /** Sends a message. @returns the status and the object of the answer */
  async send(
    names: string,
    body: string | Uint8Array<ArrayBuffer> = '',
    headers: Record<string, string> = {},
  ): Promise<[number, Told]> {
    const { status, text } = await this.post(names, body, headers);
    return [status, JSON.parse(text) as Told];
  }

  /** @param name the path behind /v1/mail, with its query. @returns the messages */
  async mail(name: string): Promise<Told[]> {
    const { status, text } = await this.ask(`/v1/mail/${name}`);
    if (status !== 200) throw new Error(text);
    return objects(text);
  }

  /** @returns the bodies of the mail */
  async bodies(name: string): Promise<unknown[]> {
    return (await this.mail(name)).map(({ body }) => body);
  }

  async ack(name: string, seq: unknown): Promise<[number, Told]> {
    const { status, text } = await this.ask(`/v1/mail/${name}/ack`, { method: 'POST', body: JSON.stringify({ seq }) });
    return [status, JSON.parse(text) as Told];
  }
}

export function objects(lines: string): Told[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Told);
}

/** A broker with HTTP, and a client of it. */
export async function brokerAndClient(
  settings: Settings = {},
): Promise<{ readonly broker: TestBroker; readonly http: HttpClient } & AsyncDisposable> {
  const broker = await startBroker({ SHARDS: 1, HTTP_PORT: 0, ...settings });
  const http = new HttpClient(broker.broker.httpUrl);
  return { broker, http, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

/** A stream of events that is read as it comes, or not at all. */
export class EventStream implements Disposable {
  readonly #stop = new AbortController();
  readonly opened: Promise<Response>;
  text = '';
  ended = false;

  constructor(http: HttpClient, name: string, reads = true) {
    const headers = { accept: 'text/event-stream' };
    this.opened = fetch(`${http.url}/v1/mail/${name}`, { headers, signal: this.#stop.signal });
    if (reads) void this.#read().catch(() => undefined);
    else this.opened.catch(() => undefined);
  }

  /** The messages of the events that have come. */
  get messages(): Told[] {
    return [...this.text.matchAll(/^id: (\d+)\ndata: (.*)\n\n/gm)].map(([, id, data = '']) => {
      const message = JSON.parse(data) as Told;
      if (String(message.seq) !== id) throw new Error(`${id} is not the number of ${data}`);
      return message;
    });
  }

  async #read(): Promise<void> {
    const { body } = await this.opened;
    const decoder = new TextDecoder();
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      this.text += decoder.decode(piece, { stream: true });
    }
    this.ended = true;
  }

  /** Cuts the connection off. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}
