/** What the command line reads and prints, without a broker. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionsOf, readChatLine } from '../../../../src/tools/cli/restante/commands/chat/chat-line.ts';
import { scriptFor } from '../../../../src/tools/cli/restante/commands/completion.ts';
import { allCodes } from '../../../../src/tools/cli/restante/commands/errors.ts';
import { failureOf } from '../../../../src/tools/cli/restante/failures.ts';
import { bodyAsLine, Output } from '../../../../src/tools/cli/restante/output.ts';
import { commandLine } from '../../../../src/tools/cli/restante/program.ts';
import { count, names, seconds } from '../../../../src/tools/cli/restante/values.ts';
import { ConnectionError } from '../../../../src/tools/library/index.ts';

describe('a line of a chat', () => {
  it.each([
    ['bob: hi: there', { kind: 'send', names: ['bob'], text: 'hi: there' }],
    [' ann , bob:hi', { kind: 'send', names: ['ann', 'bob'], text: 'hi' }],
    ['bob:', { kind: 'nothing' }],
    ['', { kind: 'nothing' }],
    ['hello', { kind: 'wrong' }],
    ['ann,, bob: hi', { kind: 'wrong' }],
    ['/who ann, bob', { kind: 'who', names: ['ann', 'bob'] }],
    ['/who', { kind: 'wrong' }],
    ['/leave: now', { kind: 'wrong' }],
    ['/help', { kind: 'help' }],
    ['/quit', { kind: 'quit' }],
  ])('%j is read', (line, read) => {
    expect(readChatLine(line)).toEqual(read);
  });

  it.each([
    ['b', ['bob: ', 'bea: '], 'b'],
    ['', ['bob: ', 'bea: ', 'ann: '], ''],
    ['ann, bo', ['bob: '], 'bo'],
    ['/who a', ['ann'], 'a'],
    ['bob: b', [], 'bob: b'],
  ])('%j is completed', (line, completions, part) => {
    expect(completionsOf(line, ['bob', 'bea', 'ann'])).toEqual([completions, part]);
  });
});

describe('output', () => {
  it('is one line a body, which a terminal shows and does not obey', () => {
    expect(bodyAsLine('a\tb\r\nc\x1b[2J', false)).toBe('a\tb\\r\\nc\x1b[2J');
    expect(bodyAsLine('a\tb\r\nc\x1b[2J', true)).toBe('a\\tb\\r\\nc\\x1b[2J');
    expect([{ a: ['\n'] }, null, 1].map((body) => bodyAsLine(body, false))).toEqual(['{"a":["\\n"]}', 'null', '1']);
  });

  it('is text or JSON, and fails when nobody reads it', async () => {
    let written = '';
    const sink = {
      write: (text: string, done: () => void) => {
        written += text;
        done();
      },
    };
    await new Output(sink, false).say({ a: 1 }, 'one\x07');
    await new Output(sink, true).say({ a: 1 }, 'one');
    expect(written).toBe('one\\x07\n{"a":1}\n');
    const closed = { write: (_text: string, done: (error: Error) => void) => done(new Error('EPIPE')) };
    await expect(new Output(closed, false).say({}, '')).rejects.toThrow('EPIPE');
  });
});

it('values are refused past their limits', () => {
  expect([seconds('0.001'), seconds('86400'), count('1'), count('1000000000')]).toEqual([0.001, 86_400, 1, 1e9]);
  for (const text of ['0', '86400.001', '-1', '', 'x']) expect(() => seconds(text)).toThrow('number of seconds');
  for (const text of ['0', '1000000001', '1.5', '']) expect(() => count(text)).toThrow('whole number');
  expect(names('ann, bob')).toEqual(['ann', 'bob']);
  for (const text of ['', ',', 'ann,']) expect(() => names(text)).toThrow('name');
});

it('a connection that fails says what to do, once', () => {
  const said = (code: string) => failureOf(new ConnectionError(code, 'it fails'), 'tls://a:1').message;
  expect(said('CONNECTION_LOST')).toMatch(/^it fails: no broker answers at tls:\/\/a:1: start a broker with /);
  expect([said('CERTIFICATE_REFUSED'), said('NO_TLS')]).toEqual(['it fails', 'it fails']);
});

it('every code has a text without a gap', () => {
  const codes = allCodes();
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter(({ text }) => text === '' || /undefined|NaN|object/.test(text))).toEqual([]);
});

describe('completion', () => {
  const { program } = commandLine(new AbortController().signal);

  it('knows every command and its options', () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const) {
      const script = scriptFor(shell, program);
      for (const { name } of program.commands.map((command) => ({ name: command.name() }))) {
        expect(script).toContain(name);
      }
      for (const word of ['durable', 'exec', 'json', 'url']) expect(script).toContain(word);
    }
  });

  it('completes in bash', () => {
    const ask = 'COMP_WORDS=(restante listen --ex); COMP_CWORD=2; _restante; echo "$COMPREPLY"';
    const said = execFileSync('bash', ['-c', `${scriptFor('bash', program)}\n${ask}`], { encoding: 'utf8' });
    expect(said).toBe('--exec\n');
  });
});
