/** What a session needs of a connection, whatever it runs over. */

/** What a writer needs of a socket. */
export interface Outlet {
  /** Bytes of writes that are not over. 0 right after a write: the kernel took all of it at once. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  /** Set at once by a write that failed at once. */
  readonly errored: Error | null;
  /** Begins a write; `done` is called when one is over that was not when this returned. There is only one at a time. */
  write(bytes: Uint8Array, done: () => void): unknown;
}
