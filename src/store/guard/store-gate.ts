/** Holds back who would open the store while it is closed for a time. */
export class StoreGate {
  #shut: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  /** Resolves when the store may be opened. */
  async passed(): Promise<void> {
    while (this.#shut !== undefined) await this.#shut.opened;
  }

  shut(): void {
    if (this.#shut !== undefined) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#shut = { opened, open };
  }

  open(): void {
    this.#shut?.open();
    this.#shut = undefined;
  }
}
