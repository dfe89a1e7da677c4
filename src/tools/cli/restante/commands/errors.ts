/** The `errors` command: every code of the broker, and what it says. */
import { DROPS } from '../../../../shared/codes/drops.ts';
import { type CodedNotice, NOTICES, type NoticeCode, noticeText } from '../../../../shared/codes/notice-texts.ts';
import { OPERATOR_CODES } from '../../../../shared/codes/operator.ts';
import { SESSION_ENDS } from '../../../../shared/codes/session-ends.ts';
import { filled } from '../../../../shared/codes/template.ts';
import { UsageError } from '../../../library/index.ts';
import type { Context } from '../context.ts';
import { example } from '../values.ts';

/** Where a code is met. */
type Kind = 'session' | 'notice' | 'drop' | 'log';

interface CodeText {
  readonly code: string;
  readonly kind: Kind;
  readonly text: string;
}

const BOB = Buffer.from('bob');
/** Values for every field that a text mentions: texts are shown as examples. */
const SAMPLE = {
  state: 'acked',
  name: BOB,
  names: [BOB],
  count: 1,
  more: 0,
  waitingMessages: 0,
  lastNumber: 0,
  standing: { state: 'here', waiting: 0 },
  here: true,
  time: 0,
  id: 'm-1',
  to: {},
  word: Buffer.from('/x'),
  reason: 'REASON',
  problem: 'PROBLEM',
  problems: ['PROBLEM'],
  failure: 'FAILURE',
  protocol: 'HTTP',
  max: 1000,
  by: 'one program',
  maxBytes: 65_536,
  seconds: 10,
  limit: 1024,
  connections: 900,
  handshakes: 1024,
  variable: 'PORTT',
  meant: ['PORT'],
  host: '0.0.0.0',
} as const;

/** Adds the command. */
export function addErrors(context: Context): void {
  context.program
    .command('errors')
    .description('the codes of the broker, and what it says with them')
    .argument('[code]', 'one of them')
    .addHelpText('after', example('restante errors NAME_REFUSED'))
    .action(async (code?: string) => {
      for (const each of found(code)) {
        await context.output.say({ ...each }, `${each.code} (${each.kind}): ${each.text}`);
      }
    });
}

/** @throws UsageError if there is no such code */
function found(code: string | undefined): readonly CodeText[] {
  if (code === undefined) return allCodes();
  const [known] = allCodes().filter((each) => each.code === code.toUpperCase());
  if (known === undefined) throw new UsageError(`there is no code ${code}: "restante errors" lists all`);
  return [known];
}

/** Every code of the catalogue, with an example of its text. */
export function allCodes(): readonly CodeText[] {
  const show = (name: Uint8Array) => Buffer.from(name).toString();
  return [
    ...Object.entries(SESSION_ENDS).map(([code, { text }]) => codeText('session', code, filled(text, SAMPLE))),
    ...(Object.keys(NOTICES) as NoticeCode[]).map((code) =>
      codeText('notice', code, noticeText({ ...SAMPLE, code } as unknown as CodedNotice, show)),
    ),
    ...Object.entries(DROPS).map(([code, text]) => codeText('drop', code, text)),
    ...Object.entries(OPERATOR_CODES).map(([code, { text }]) => codeText('log', code, filled(text, SAMPLE))),
  ];
}

function codeText(kind: Kind, code: string, text: string): CodeText {
  return { code, kind, text };
}
