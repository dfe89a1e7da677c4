/** What the settings say of addresses and accounts. */
import type { Config } from '../../shared/common/config.ts';
import type { RateSettings } from '../../shared/visitors/rates.ts';

export function rateSettings(config: Config): RateSettings {
  const burstSeconds = config.RATE_BURST_SECONDS;
  return {
    address: {
      connections: config.ADDRESS_CONNECTIONS,
      connectionsAMinute: config.ADDRESS_CONNECTIONS_A_MINUTE,
      messagesASecond: config.ADDRESS_MESSAGES_A_SECOND,
      bytesASecond: config.ADDRESS_BYTES_A_SECOND,
      burstSeconds,
    },
    account: {
      connections: config.ACCOUNT_CONNECTIONS,
      connectionsAMinute: config.ACCOUNT_CONNECTIONS_A_MINUTE,
      messagesASecond: config.ACCOUNT_MESSAGES_A_SECOND,
      bytesASecond: config.ACCOUNT_BYTES_A_SECOND,
      burstSeconds,
    },
    patienceSeconds: config.RATE_PATIENCE_SECONDS,
    onLoopback: config.RATE_LOOPBACK === 'on',
  };
}
