/** Compares what was answered with the description at `/v1/openapi.json`. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { type Answered, type HttpClient, objects } from '../messages/client.ts';

type Described = Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;

interface Operation {
  readonly tags?: readonly string[];
  readonly responses: Described;
}

/** The description, as far as it is looked at here. */
export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

/** Statuses by route, as `POST /v1/send/{names} 202`. */
export class Checked {
  readonly seen = new Set<string>();
  readonly #document: Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(document: Document) {
    this.#document = document;
    this.#ajv.addSchema({ $id: 'https://restante.invalid/api', components: document.components });
  }

  /** Checks every answer of a client against the description. */
  check({ answers }: Pick<HttpClient, 'answers'>): void {
    for (const { method, path, answer } of answers) {
      const route = this.#routeOf(path);
      const { responses }: Operation = this.#document.paths[route]?.[method.toLowerCase()] ?? { responses: {} };
      const status = String(answer.status);
      this.seen.add(`${method} ${route} ${status}`);
      if (answer.text === '' && responses[status] !== undefined && responses[status].content === undefined) continue;
      const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
      const schema = (responses[status] ?? responses.default)?.content?.[type]?.schema;
      expect(schema, `${method} ${path} ${status} ${type} is described`).toBeDefined();
      for (const value of valuesOf(type, answer)) this.#validate(schema ?? false, value, `${method} ${path} ${status}`);
    }
  }

  /** Every status that the description names. @param ofAdmin of which operations: those of the tag, or the others */
  described(ofAdmin: boolean): string[] {
    return Object.entries(this.#document.paths).flatMap(([route, methods]) =>
      Object.entries(methods)
        .filter(([, { tags }]) => (tags?.includes('admin') ?? false) === ofAdmin)
        .flatMap(([method, { responses }]) =>
          Object.keys(responses)
            .filter((status) => status !== 'default')
            .map((status) => `${method.toUpperCase()} ${route} ${status}`),
        ),
    );
  }

  #routeOf(path: string): string {
    const { pathname } = new URL(path, 'http://localhost');
    const fits = (route: string) => new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
    return Object.keys(this.#document.paths).find(fits) ?? pathname;
  }

  #validate(schema: object | boolean, value: unknown, what: string): void {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"https://restante.invalid/api#/')) as object;
    const validate = this.#ajv.compile(absolute);
    expect([what, validate(value), validate.errors]).toEqual([what, true, null]);
  }
}

function valuesOf(type: string, { text }: Answered): unknown[] {
  if (type === 'application/x-ndjson') return objects(text);
  return [type.endsWith('json') ? JSON.parse(text) : text];
}
