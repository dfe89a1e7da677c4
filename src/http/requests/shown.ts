import { shortName } from '../../shared/common/log/log.ts';

/** Text of a client for the log: short, and harmless on a terminal. @param text undefined gives undefined */
export function shown(text: string | undefined): string | undefined {
  return text === undefined ? undefined : shortName(Buffer.from(text));
}
