/** What a part of the description of the HTTP side has, and the answers that all parts share. */
import { HTTP_PROBLEMS, type HttpProblemCode } from '../../shared/codes/http-problems.ts';

/** Any JSON. What OpenAPI makes of it is checked by the tests. */
export type Json = { readonly [key: string]: unknown };

/** The paths of one room, and the schemas that they name. */
export interface Part {
  readonly paths: Readonly<Record<string, Json>>;
  readonly schemas: Readonly<Record<string, Json>>;
}

/** A schema of any part, by its name. */
export function ref(schema: string): Json {
  return { $ref: `#/components/schemas/${schema}` };
}

/** An answer with a body. */
export function answer(description: string, type: string, schema: Json): Json {
  return { description, content: { [type]: { schema } } };
}

/**
 * The answers for problems, one for each status. Every route can have others too: those of a request that is refused
 * before it comes to its route, and HTTP_FAULT.
 */
export function problems(...codes: readonly HttpProblemCode[]): Readonly<Record<string, Json>> {
  const byStatus = new Map<number, HttpProblemCode[]>();
  for (const code of codes) {
    const { status } = HTTP_PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const answers = [...byStatus].map(([status, of]) => {
    const schema = { allOf: [ref('Problem'), { properties: { status: { const: status }, code: { enum: of } } }] };
    return [String(status), answer(of.join(', '), 'application/problem+json', schema)] as const;
  });
  const other = answer('Any other problem', 'application/problem+json', ref('Problem'));
  return { ...Object.fromEntries(answers), default: other };
}

/** Schemas that all parts use. */
export const text = { type: 'string' };
export const flag = { type: 'boolean' };

/** A whole number. */
export function whole(minimum = 0, maximum?: number): Json {
  return { type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) };
}

/** An object that has all of these, and nothing else but what is `optional`. */
export function object(required: Readonly<Record<string, Json>>, optional: Readonly<Record<string, Json>> = {}): Json {
  return {
    type: 'object',
    required: Object.keys(required),
    properties: { ...required, ...optional },
    additionalProperties: false,
  };
}

export function list(items: Json): Json {
  return { type: 'array', items };
}

/** An option in the query. */
export function query(name: string, description: string, schema: Json): Json {
  return { name, in: 'query', description, schema };
}

export function inPath(name: string, description: string, schema: Json = text): Json {
  return { name, in: 'path', required: true, description, schema };
}
