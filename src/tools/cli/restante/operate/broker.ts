/** The broker that an operator asks: its HTTP, and the token. */
import type { Command } from 'commander';
import { withoutUser } from '../../../../shared/common/text.ts';
import { UsageError } from '../../../library/index.ts';
import { AdminApi, DEFAULT_HTTP_URL } from '../../admin/api.ts';
import type { Context } from '../context.ts';
import { withVariable } from '../values.ts';

/** The options that these commands have. */
interface TokenOption {
  /** Of the variable alone: see `tokenOf`. */
  readonly token?: string;
}

/** Adds the option for the token. */
export function withToken(command: Command): Command {
  return command.addOption(withVariable('--token <token>', 'the ADMIN_TOKEN of the broker', 'RESTANTE_ADMIN_TOKEN'));
}

/**
 * The program has a `--token` for names, and takes each that is given, before the command sees it. Its variable,
 * RESTANTE_TOKEN, is none of an operator.
 * @returns what `--token` or RESTANTE_ADMIN_TOKEN says
 */
export function tokenOf({ program, options }: Context, { token }: TokenOption): string | undefined {
  const given = program.getOptionValueSource('token') === 'cli' ? options.token : undefined;
  return given ?? token;
}

/**
 * @returns the broker of the options: `--url` if it is given, or RESTANTE_HTTP_URL, or the usual address
 * @throws UsageError if `--url` is no address of HTTP
 */
export function brokerOf(context: Context, options: TokenOption): AdminApi {
  return new AdminApi(namedUrl(context) ?? DEFAULT_HTTP_URL, tokenOf(context, options), context.stop);
}

/**
 * @returns the address that `--url` or RESTANTE_HTTP_URL names; undefined if neither does
 * @throws UsageError if it is no address of HTTP
 */
export function namedUrl({ program, options }: Context): string | undefined {
  const given = program.getOptionValueSource('url') === 'cli' ? options.url : undefined;
  const url = given ?? (process.env.RESTANTE_HTTP_URL || undefined);
  if (url === undefined || /^https?:\/\//.test(url)) return url;
  throw new UsageError(`${withoutUser(url)} is no address of HTTP, such as ${DEFAULT_HTTP_URL}`);
}
