import { describe, expect, it } from 'vitest';
import { readCommand } from '../../../src/protocol/plain/commands.ts';
import { pacedNow } from '../../helpers/pace/pace.ts';

function read(line: string, strict = true): string | undefined {
  const bytes = Buffer.from(`before\n${line}\nbehind`);
  const command = readCommand(bytes, 7, bytes.length - 7, strict);
  if (command === undefined) return undefined;
  const of = 'name' in command ? command.name : 'word' in command ? command.word : undefined;
  return of === undefined ? command.kind : `${command.kind} ${Buffer.from(of)}`;
}

describe('a line that begins with a slash', () => {
  it.each([
    ['/help', 'help'],
    ['/?', 'help'],
    ['/HELP me', 'help'],
    ['/who', 'who'],
    ['/who  ', 'who'],
    ['/who bob', 'who is bob'],
    ['/who\t a b ', 'who is a b'],
    ['/quit', 'quit'],
    ['/quit now', 'quit'],
    ['/x', 'unknown /x'],
    ['/whois bob', 'unknown /whois'],
    ['/', 'unknown /'],
    ['/x: hi', 'unknown /x:'],
    ['/who, bob: hi', 'unknown /who,'],
  ])('%j is a command', (line, command) => {
    expect(read(line)).toBe(command);
  });

  it.each([
    ['/help', 'help'],
    ['/who', 'who'],
    ['/who bob', 'who is bob'],
    ['/who e\u0301', 'who is e\u0301'],
    ['/quit', 'quit'],
    ['/help me', undefined],
    ['/quit now', undefined],
    ['/x', undefined],
    ['/who: hi', undefined],
    ['/who bob, eve: hi', undefined],
    ['/', undefined],
  ])('%j is one where names may begin so, if it is known and names nobody', (line, command) => {
    expect(read(line, false)).toBe(command);
  });
});

it('a line that is all white space takes no longer than others', () => {
  const before = performance.now();
  for (let i = 0; i < 10; i++) read(`/who a${' '.repeat(65_000)}b`);
  expect(performance.now() - before).toBeLessThan(pacedNow(1_000));
});
