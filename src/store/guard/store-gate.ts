/** A gate in front of the store. A shard that would open the store waits at it while the store is closed for a time. */
export class StoreGate {
  #shut: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  /** Resolves when the store may be opened. */
  async passed(): Promise<void> {
    while (this.#shut !== undefined) await this.#shut.opened;
  }

  /** Makes `passed` wait from now on. */
  shut(): void {
    if (this.#shut !== undefined) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#shut = { opened, open };
  }

  /** Lets all continue that wait. */
  open(): void {
    this.#shut?.open();
    this.#shut = undefined;
  }
}
