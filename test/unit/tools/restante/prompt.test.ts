/** How a password is asked for, with keys on paper. */
import { describe, expect, it } from 'vitest';
import { newPassword } from '../../../../src/tools/cli/restante/commands/access/prompt.ts';

function paperKeys(isTTY: boolean, ...pieces: readonly string[]) {
  const modes: boolean[] = [];
  const said: string[] = [];
  const input = {
    isTTY,
    setRawMode: (raw: boolean) => void modes.push(raw),
    async *[Symbol.asyncIterator]() {
      for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
    },
  };
  const asked = { input, say: (text: string) => void said.push(text), stop: new AbortController().signal };
  const ask = async (fromInput = false) => Buffer.from(await newPassword('bob', fromInput, asked)).toString();
  return { ask, modes, said };
}

describe('a password', () => {
  it('is asked for twice on a terminal, and what is typed is not shown', async () => {
    const { ask, modes, said } = paperKeys(true, 'sec', 'ret\r', 'secret\r');
    expect(await ask()).toBe('secret');
    expect([said.join(''), modes]).toEqual(['password for bob: \nonce more: \n', [true, false]]);
  });

  it('may be typed ahead, and corrected', async () => {
    const { ask } = paperKeys(true, 'sx\u007fecreë\u007ft\rsecret\r');
    expect(await ask()).toBe('secret');
  });

  it('that is typed in two ways is none', async () => {
    const { ask, modes } = paperKeys(true, 'secret\rsecrft\r');
    await expect(ask()).rejects.toThrow('the two are not the same');
    expect(modes).toEqual([true, false]);
  });

  it('is the first line of an input where that is wanted, and asked for nowhere else', async () => {
    expect(await paperKeys(false, 'secret\r\nmore\n').ask(true)).toBe('secret');
    expect(await paperKeys(false, 'sec', 'ret').ask(true)).toBe('secret');
    await expect(paperKeys(false).ask()).rejects.toThrow('--password-stdin');
    await expect(paperKeys(false, 'x'.repeat(5_000)).ask(true)).rejects.toThrow('longer than');
  });
});
