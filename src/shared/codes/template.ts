/** The text of a code: a function of what it says beside the code. */

/** @param rest what some texts are made with, the same for all codes of a kind */
export type Template = (fields: never, ...rest: never) => string;

/** What a text says beside its code; some say nothing more. */
export type FieldsOf<T extends Template> =
  Parameters<T> extends [infer Fields, ...unknown[]] ? Fields & object : object;

/** The text with these fields: they fit by the types of whoever calls this, which know the code. */
export function filled<Fields, Rest extends unknown[]>(template: Template, fields: Fields, ...rest: Rest): string {
  return (template as unknown as (fields: Fields, ...rest: Rest) => string)(fields, ...rest);
}
