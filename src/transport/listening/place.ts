/** Where a listener listens, and the settings that say so. */
import type { Config } from '../../shared/common/config.ts';

/** An address to listen on. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly settings: { readonly host: string; readonly port: string; readonly orElse?: string };
}

/** @param isSecure whether it is the one of TLS */
export function placeOf(config: Config, isSecure: boolean): Place {
  const { HOST, PORT, TLS_HOST, TLS_PORT } = config;
  if (!isSecure) return { host: HOST, port: PORT, settings: { host: 'HOST', port: 'PORT' } };
  const settings = { host: 'TLS_HOST', port: 'TLS_PORT', orElse: ', or TLS_PORT=off' };
  return { host: TLS_HOST, port: TLS_PORT === 'off' ? 0 : TLS_PORT, settings };
}
