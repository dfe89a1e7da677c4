/** What a request asks for, as it stands in its query, its path and its body. */
import { z } from 'zod';
import { CONNECTION_SORTS } from '../../broker/admin/admin-view.ts';
import { LOG_LEVELS } from '../../shared/common/config.ts';
import { MAX_ASKED_MESSAGES, MAX_ASKED_NAMES } from '../../shared/wire/port/asked.ts';

/** Connections in one answer at most. */
export const MAX_ROWS = 1_000;
const USUAL_ROWS = '100';

function whole(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);
}

const seq = whole(0, Number.MAX_SAFE_INTEGER);

/** The query of `/v1/connections`. */
export const CONNECTIONS_QUERY = z.object({
  sort: z.enum(CONNECTION_SORTS).default('since'),
  order: z.enum(['asc', 'desc']).default('asc'),
  limit: whole(1, MAX_ROWS).default(Number(USUAL_ROWS)),
  offset: whole(0, Number.MAX_SAFE_INTEGER).default(0),
  name: z.string().default(''),
});

/** The query of `/v1/names`. */
export const NAMES_QUERY = z.object({
  prefix: z.string().default(''),
  state: z.enum(['here', 'away', 'any']).default('any'),
  waiting: z
    .enum(['yes', 'no'])
    .default('no')
    .transform((word) => word === 'yes'),
  limit: whole(1, MAX_ASKED_NAMES).default(Number(USUAL_ROWS)),
  after: z.string().optional(),
});

/** The query of `/v1/names/NAME/mail`. */
export const MAIL_QUERY = z.object({
  limit: whole(1, MAX_ASKED_MESSAGES).default(Number(USUAL_ROWS)),
  after: seq.default(0),
});

/** The numbers in paths. */
export const SEQ_PATH = z.object({ seq });
export const ID_PATH = z.object({ id: seq });

/** The body of `/v1/log-level`. */
export const LEVEL_BODY = z.object({ level: z.enum(LOG_LEVELS) });

/** What is asked, or what is wrong with it. */
type Asked<T> = { readonly question: T } | { readonly wrong: string };

/** Reads what is asked. @param given the query, the path or the body */
export function asked<T extends z.ZodType>(schema: T, given: unknown): Asked<z.output<T>> {
  const result = schema.safeParse(given);
  if (result.success) return { question: result.data };
  const [issue] = result.error.issues;
  return { wrong: `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is wrong'}` };
}
