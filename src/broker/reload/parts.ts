/** What changes in a running broker when its settings do. Other parts ask for the settings each time they need them. */
import type { Shards } from '../../shards/shards.ts';
import type { Part, Settings } from '../../shared/common/config/settings.ts';
import type { Log } from '../../shared/common/log/log.ts';
import type { Reloaded } from '../../transport/secure/credentials.ts';
import type { Connections } from '../connections/connections.ts';
import { boundText, memoryBound } from '../memory-bound.ts';

/** The ports of a broker, as far as they change. */
interface Ports {
  compareLimits(maxConnections: number): void;
  /** Reads the certificate again. One that cannot be used is logged, and the old one stays. */
  reload(): Promise<Reloaded | undefined>;
}

/** The parts of a broker that change. */
interface Changing {
  readonly settings: Settings;
  readonly log: Log;
  readonly shards: Pick<Shards, 'setLimits'>;
  readonly connections: Pick<Connections, 'watchAnew' | 'limitAnew'>;
  readonly ports: Ports;
}

/** The parts of a broker as one that takes new settings. */
export function partsOf({ settings, log, shards, connections, ports }: Changing): Part {
  return {
    prepare: (next) => {
      const before = settings.current;
      return () => {
        if (next.LOG_LEVEL !== before.LOG_LEVEL) log.level = next.LOG_LEVEL;
        shards.setLimits(next);
        if (memoryBound(next).total !== memoryBound(before).total) log.info(memoryBound(next), boundText(next));
        if (next.PEER_SILENT_SECONDS !== before.PEER_SILENT_SECONDS) connections.watchAnew();
        if (next.MAX_CONNECTIONS !== before.MAX_CONNECTIONS) ports.compareLimits(next.MAX_CONNECTIONS);
        connections.limitAnew();
        void ports.reload();
      };
    },
  };
}
