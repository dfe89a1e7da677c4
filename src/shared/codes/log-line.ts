/** A line of the log about a code. The code, its level and its text are those of the catalogue. */
import { OPERATOR_CODES, type OperatorCode, type OperatorFields } from './operator.ts';
import { SESSION_ENDS, type SessionEndCode } from './session-ends.ts';
import { filled } from './template.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  readonly code: OperatorCode | SessionEndCode;
  readonly level: LogLevel | 'silent';
  readonly fields: object;
  readonly message: string;
}

/** What the operator is told. @param fields what the text says, and whatever else the log is to have */
export function told<C extends OperatorCode, F extends OperatorFields<C>>(code: C, fields: F): LogLine {
  const { level, text } = OPERATOR_CODES[code];
  return { code, level, fields, message: filled(text, fields) };
}

/** That a session ends. @param fields whose it was */
export function ended(
  { code, message }: { readonly code: SessionEndCode; readonly message: string },
  fields: object,
): LogLine {
  return { code, level: SESSION_ENDS[code].level, fields, message };
}
