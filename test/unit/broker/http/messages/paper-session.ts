/** Sessions on paper, which answer what programs say. */
import { HttpPrograms } from '../../../../../src/http/messages/http-programs.ts';
import type { Transport } from '../../../../../src/transport/transport.ts';
import { paperHost } from '../paper.ts';

/** The peer of every request. */
const PEER = { address: '127.0.0.1', port: undefined, text: 'http 127.0.0.1:1', secure: false };
export const CLIENT = { peer: PEER, token: undefined };

class PaperSession {
  readonly said: Record<string, unknown>[] = [];
  readonly #transport: Transport;
  ended = false;

  constructor(transport: Transport, welcomes: boolean) {
    this.#transport = transport;
    transport.start({
      read: (bytes, length) => {
        const lines = bytes.toString('utf8', 0, length).split('\n').slice(0, -1);
        for (const line of lines) this.said.push(JSON.parse(line));
        if (welcomes && this.said.length === 1) this.tell({ type: 'welcome', waiting: 0 });
      },
      end: () => {
        this.ended = true;
        transport.end();
      },
      fail: () => undefined,
      closed: () => undefined,
    });
  }

  tell(...objects: object[]): void {
    const lines = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
    this.#transport.outlet.write(Buffer.from(lines), () => undefined);
  }

  pause(): void {
    this.#transport.pause();
  }

  end(): void {
    this.#transport.end();
  }
}

/** Programs whose sessions are on paper. */
export function paperPrograms(leaseMs?: number, welcomes = true) {
  const sessions: PaperSession[] = [];
  const connect = (transport: Transport) => {
    sessions.push(new PaperSession(transport, welcomes));
    return undefined;
  };
  const host = paperHost();
  const programs = new HttpPrograms({ ...host, config: host.settings.current, connect }, leaseMs);
  return { programs, sessions, last: () => sessions.at(-1) as PaperSession };
}

export const message = (seq: number, body: unknown) => ({ type: 'message', seq, from: 'a', body });
