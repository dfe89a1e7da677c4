/** The text of a code is a function of the fields that it mentions. */

/** A text. @param rest what some texts need besides fields; the same for all codes of a kind */
export type Template = (fields: never, ...rest: never) => string;

/** The fields of a text. Some texts have none. */
export type FieldsOf<T extends Template> =
  Parameters<T> extends [infer Fields, ...unknown[]] ? Fields & object : object;

/** @returns the text with these fields. Callers know the code, so their types have checked that the fields fit. */
export function filled<Fields, Rest extends unknown[]>(template: Template, fields: Fields, ...rest: Rest): string {
  return (template as unknown as (fields: Fields, ...rest: Rest) => string)(fields, ...rest);
}
