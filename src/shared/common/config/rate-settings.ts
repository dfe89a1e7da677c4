/** The settings of how much one address and one account may do, and of whom a proxy speaks for. */
import { AT_ONCE, setting } from './setting.ts';
import { addresses, liftable, oneOf, seconds, size, whole } from './values.ts';

const MOST = 10 ** 9;
/** A read of a socket has up to 64 KiB, and is waited for when it is more than the rate. */
const LEAST_BYTES_A_SECOND = 1024;
/** A session that takes a name over is there before the other one has gone. */
const LEAST_OF_AN_ACCOUNT = 2;

const count = (min: number, help: string) => setting(liftable(whole(min, MOST)), 'unlimited', help, AT_ONCE);
const bytes = (help: string) => setting(liftable(size(LEAST_BYTES_A_SECOND, 2 ** 40)), 'unlimited', help, AT_ONCE);

export const RATE_SETTINGS = {
  ADDRESS_CONNECTIONS: count(1, 'connections at a time of one address (of IPv6: one /64), or unlimited'),
  ADDRESS_CONNECTIONS_A_MINUTE: count(1, 'new connections of one address in a minute, or unlimited'),
  ADDRESS_MESSAGES_A_SECOND: count(1, 'messages that one address may send in a second, or unlimited'),
  ADDRESS_BYTES_A_SECOND: bytes('bytes that are read from one address in a second, or unlimited'),
  ACCOUNT_CONNECTIONS: count(LEAST_OF_AN_ACCOUNT, 'connections at a time that have proved one name, or unlimited'),
  ACCOUNT_CONNECTIONS_A_MINUTE: count(1, 'new connections in a minute that prove one name, or unlimited'),
  ACCOUNT_MESSAGES_A_SECOND: count(1, 'messages that they may send in a second, together, or unlimited'),
  ACCOUNT_BYTES_A_SECOND: bytes('bytes that are read from them in a second, together, or unlimited'),
  RATE_BURST_SECONDS: setting(
    seconds(1, 3_600),
    '10',
    'what these rates give for so many seconds may come at once',
    AT_ONCE,
  ),
  RATE_PATIENCE_SECONDS: setting(
    liftable(seconds(1, 10 ** 6)),
    '3600',
    'a session that is slowed all the time ends after so long, or unlimited',
    AT_ONCE,
  ),
  RATE_LOOPBACK: setting(
    oneOf(['on', 'off']),
    'off',
    'whether the limits of addresses hold for connections from this machine, too',
    AT_ONCE,
  ),
  PROXY_FROM: setting(
    addresses(),
    'none',
    'addresses and networks of proxies, which say whom they speak for: by the PROXY protocol, or X-Forwarded-For',
    { takes: 'at once', form: 'list' },
  ),
} as const;
