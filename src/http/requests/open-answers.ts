/**
 * The answers of each connection that are under way. What must be true:
 * 1. They are MAX_UNANSWERED a connection at most, because each takes memory, and a client can ask before it is
 *    answered.
 * 2. Behind the last request of a connection none is taken: what stands there may be part of it for somebody else.
 * 3. Each is told when its connection has closed. Node tells only the first of them, and one that waits behind it would
 *    keep a name for ever.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that are not answered. */
export const MAX_UNANSWERED = 4;

/** A coding of a body beside this one cannot be read, and who passed it on may see the end of the body elsewhere. */
const ONE_CODING = 'chunked';

/** Whether the end of a request is where everybody sees it. */
export function endsClearly({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const coding = headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === ONE_CODING;
}

export class OpenAnswers {
  readonly #open = new Map<Socket, Set<ServerResponse>>();
  /** The connections whose last request has come. */
  readonly #last = new WeakSet<Socket>();

  /** A connection has come. */
  watch(socket: Socket): void {
    const open = new Set<ServerResponse>();
    this.#open.set(socket, open);
    socket.once('close', () => {
      this.#open.delete(socket);
      for (const answer of [...open]) if (answer.socket === null && !answer.writableFinished) tellClosed(answer);
    });
  }

  /**
   * A request has come.
   * @returns false if it is not to be answered: it is behind the last one, or one too many, which ends the connection
   */
  begin(request: IncomingMessage, answer: ServerResponse): boolean {
    const { socket } = request;
    const open = this.#open.get(socket);
    if (open === undefined || socket.destroyed || this.#last.has(socket)) return false;
    if (open.size >= MAX_UNANSWERED) {
      socket.destroy();
      return false;
    }
    if (!endsClearly(request)) answer.shouldKeepAlive = false;
    if (!answer.shouldKeepAlive) this.#last.add(socket);
    open.add(answer);
    answer.once('close', () => open.delete(answer));
    return true;
  }

  /** Whether a connection waits for an answer. */
  hasAny(socket: Socket): boolean {
    return (this.#open.get(socket)?.size ?? 0) > 0;
  }
}

/** Does what Node does for an answer that has its socket. */
function tellClosed(answer: ServerResponse): void {
  answer.destroy();
  answer.emit('close');
}
