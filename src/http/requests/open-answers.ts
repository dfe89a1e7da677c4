/**
 * The answers of each connection that are under way. What must be true:
 * 1. They are MAX_UNANSWERED a connection at most, because each takes memory, and a client can ask before it is
 *    answered.
 * 2. Each is told when its connection has closed. Node tells only the first of them, and one that waits behind it would
 *    keep a name for ever.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that are not answered. */
export const MAX_UNANSWERED = 4;

export class OpenAnswers {
  readonly #open = new Map<Socket, Set<ServerResponse>>();

  /** A connection has come. */
  watch(socket: Socket): void {
    const open = new Set<ServerResponse>();
    this.#open.set(socket, open);
    socket.once('close', () => {
      this.#open.delete(socket);
      for (const answer of [...open]) if (answer.socket === null && !answer.writableFinished) tellClosed(answer);
    });
  }

  /** An answer of a connection begins. @returns false if there are too many, or the connection has ended */
  begin(socket: Socket, answer: ServerResponse): boolean {
    const open = this.#open.get(socket);
    if (open === undefined || socket.destroyed || open.size >= MAX_UNANSWERED) return false;
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
