import { shortName } from '../../shared/common/log/log.ts';
import { withoutUser } from '../../shared/common/text.ts';

/** Text of a client for the log: short, and harmless on a terminal. @param text undefined gives undefined */
export function shown(text: string | undefined): string | undefined {
  return text === undefined ? undefined : shortName(Buffer.from(text));
}

/** As `shown`, for a host or an origin. Some clients put a user and a password there. */
export function shownHost(text: string | undefined): string | undefined {
  return shown(text === undefined ? undefined : withoutUser(text));
}
