/** What an operator does with the mail of a shard: looks at it, and purges it. It is not on the way of a message. */
import type { AskedMessage, AskedRefusal, Purged } from '../../../src/shared/wire/port/asked.ts';
import { messageKey } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Disk } from '../disk/disk.ts';
import { MailLook } from './mail-look.ts';
import { Purge, type PurgeEdges, PurgeOne } from './purge.ts';
import { StoreSteps } from './store-steps.ts';

export interface AskedMailEdges extends PurgeEdges {
  /** More mail of a name can be delivered, or it can be forgotten. */
  readonly ready: (name: Name) => void;
}

/** The messages of a page, and whether there are more. */
interface Looked {
  readonly state: 'found';
  readonly messages: readonly AskedMessage[];
  readonly more: boolean;
}

export class AskedMail {
  readonly #edges: AskedMailEdges;
  readonly #steps = new StoreSteps();

  constructor(edges: AskedMailEdges) {
    this.#edges = edges;
  }

  /** The store has answered. */
  goOn(): void {
    this.#steps.goOn();
  }

  /** Looks at mail of `name`. @param after the number behind which it is */
  async look(name: Name, after: number, limit: number): Promise<Looked | AskedRefusal> {
    if (this.#steps.full) return { state: 'busy' };
    const look = new MailLook(name, this.#edges.disk, after, limit);
    return await this.#steps.run(() => look.step());
  }

  /**
   * Purges mail of `name`. The answer comes when that is on disk.
   * @param before only mail with a lower number
   */
  purge(name: Name, before = name.nextNumber): Promise<Purged | AskedRefusal> {
    return this.#purged(name, new Purge(name, this.#edges, Math.min(before, name.nextNumber)));
  }

  /** Purges one message of `name`. The answer comes when that is on disk. */
  purgeOne(name: Name, number: number): Promise<Purged | AskedRefusal> {
    return this.#purged(name, new PurgeOne(name, this.#edges, number));
  }

  async #purged(name: Name, purge: Purge | PurgeOne): Promise<Purged | AskedRefusal> {
    if (this.#steps.full) return { state: 'busy' };
    const { result, synced } = await this.#steps.run(() => {
      const result = purge.step();
      return result && { result, synced: this.#synced(name, purge) };
    });
    await synced;
    if (result.state !== 'done') return result;
    return { state: 'purged', purged: purge.purged, more: result.more, before: purge.before };
  }

  /** Resolves when what was purged is deleted on disk. */
  async #synced(name: Name, { purged, last }: Purge | PurgeOne): Promise<void> {
    const { disk, ready } = this.#edges;
    const written = disk === undefined || purged === 0 || last === undefined ? undefined : deleted(disk, name, last);
    ready(name);
    await written;
  }
}

/** Resolves when all deletions so far are synced. */
function deleted({ groups }: Disk, name: Name, last: number): Promise<void> {
  // The deletions may be in an earlier group, which is not synced. One more makes a group that is, and syncs both.
  groups.del(messageKey(name.bytes, last));
  groups.mustSync();
  const written = new Promise<void>((resolve) => groups.whenWritten(resolve));
  groups.closeIfLarge();
  return written;
}
