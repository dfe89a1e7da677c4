/** What a setting is: how its text is read, its default, its help, and from when on a new value counts. */
import type { z } from 'zod';

/** From when on a new value counts: at a reload for all, for sessions that begin after it, or not before a restart. */
export type Takes = 'at once' | 'new sessions' | 'restart';
/** What stands for a value in a file: only a text; an array too; or also a number, or true and false for on and off. */
type Form = 'text' | 'list' | 'any';

/** A setting. Texts are as in the environment. */
export interface Setting<T extends z.ZodType<unknown, string> = z.ZodType<unknown, string>> {
  readonly schema: T;
  readonly fallback: string;
  readonly help: string;
  readonly takes: Takes;
  readonly form: Form;
  /** Whether no value of it is ever shown. */
  readonly secret: boolean;
  /** The default in words, where it depends on the machine. */
  readonly computed?: string | undefined;
}

export type Traits = Partial<Pick<Setting, 'takes' | 'form' | 'secret' | 'computed'>>;

/** A setting, with what is usual where nothing is said. */
export function setting<T extends z.ZodType<unknown, string>>(
  schema: T,
  fallback: string,
  help: string,
  { takes = 'restart', form = 'any', secret = false, computed }: Traits = {},
): Setting<T> {
  return { schema, fallback, help, takes, form, secret, computed };
}

export const TEXT: Traits = { form: 'text' };
export const SECRET: Traits = { form: 'text', secret: true };
export const AT_ONCE: Traits = { takes: 'at once' };
export const NEW_SESSIONS: Traits = { takes: 'new sessions' };
