/** Builds the line of the log for a code. The level and the text are those of the code. */
import { OPERATOR_CODES, type OperatorCode, type OperatorFields } from './operator.ts';
import { SESSION_ENDS, type SessionEndCode } from './session-ends.ts';
import { filled } from './template.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A line of the log, before it is written. */
export interface LogLine {
  readonly code: OperatorCode | SessionEndCode;
  readonly level: LogLevel | 'silent';
  readonly fields: object;
  readonly message: string;
}

/** A line for the operator. @param fields what the text needs, and further fields for the log */
export function told<C extends OperatorCode, F extends OperatorFields<C>>(code: C, fields: F): LogLine {
  const { level, text } = OPERATOR_CODES[code];
  return { code, level, fields, message: filled(text, fields) };
}

/** The line for the end of a session. @param fields which session it was */
export function ended(
  { code, message }: { readonly code: SessionEndCode; readonly message: string },
  fields: object,
): LogLine {
  return { code, level: SESSION_ENDS[code].level, fields, message };
}
