/** Plays a document: runs its commands in order, and compares the results with what the document shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, commandsOf, reasonNotToRun } from './blocks.ts';
import { HAS_NC, isInstalled } from './clone.ts';
import { Stage } from './stage.ts';
import { withoutFigures } from './terminal.ts';

/** By line: what other peers do before the block with this line is played. */
export type Scenes = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** What goes on in its terminal until its input ends. */
const STAYS = /^nc |^openssl s_client |\brestante -- chat\b/;
const SERVES = /\bnpm start$|\bdist\/src\/main\.js$/;
const NEEDS_BROKER = /\b(nc|curl|health|openssl|restante|swarm)\b/;
const NEEDS_STORE = /\bmail -- /;
const MAY_BE_MISSING = ['curl', 'jq', 'openssl', 'python3'];

export function playDocument(document: string, scenes: Scenes = {}): void {
  const blocks = blocksOf(document).filter((block) => reasonNotToRun(block) === undefined);

  const standIn = !HAS_NC && blocks.some((block) => uses(block, 'nc')) ? ', with a stand-in for nc -N' : '';

  describe(`${document}${standIn}`, () => {
    let stage: Stage;
    let failed = false;
    beforeAll(async () => {
      stage = await Stage.open();
    });
    afterAll(() => stage[Symbol.asyncDispose]());

    it.for(blocks.map((block) => [block.where, block] as const))('%s', async ([, block], { skip }) => {
      const missing = MAY_BE_MISSING.find((program) => uses(block, program) && !isInstalled(program));
      skip(missing !== undefined, `${missing} is not installed`);
      skip(failed, 'a block before this one has failed');
      failed = true;
      for (const [line, happens] of Object.entries(scenes)) if (block.lines.includes(line)) await happens(stage);
      await play(stage, block);
      failed = false;
    });

    it('has every line once that a scene is played before', () => {
      const lines = blocks.flatMap((block) => block.lines);
      for (const line of Object.keys(scenes)) expect(lines.filter((each) => each === line)).toEqual([line]);
    });
  });
}

function uses(block: Block, program: string): boolean {
  return commandsOf(block).some((command) => new RegExp(`\\b${program}\\b`).test(command));
}

async function play(stage: Stage, block: Block): Promise<void> {
  const { language, mark = '', lines } = block;
  if (mark === 'log') return expect(oneLine(stage.log)).toContain(oneLine(stage.asRun(lines.join(' '))));
  if (language === 'program') return await (await stage.program(mark)).play(lines);
  const commands = commandsOf(block).map((command) => stage.asRun(command));
  if (language === 'sh') {
    for (const command of commands) await runOrServe(stage, command);
    return;
  }
  const [command, ...others] = commands;
  if (command === undefined) return stage.terminal(mark).play(lines);
  expect(others, 'commands behind the first: what they show cannot be told from what it shows').toEqual([]);
  const shown = lines.slice(1);
  if (STAYS.test(command)) return (await stage.openTerminal(mark, command)).play(shown);
  const output = await runOrServe(stage, command);
  expect(withoutFigures(output.trimEnd())).toBe(withoutFigures(stage.asRun(shown.join('\n'))));
}

async function runOrServe(stage: Stage, command: string): Promise<string> {
  if (SERVES.test(command)) {
    await stage.serve(command);
    return '';
  }
  if (NEEDS_STORE.test(command)) await stage.stop();
  else if (NEEDS_BROKER.test(command)) await stage.serving();
  const output = await stage.run(command);
  // Vitest reports no error if a filter fits no test.
  if (command.includes('vitest run')) expect(output).toMatch(/Tests .*[1-9]\d* passed/);
  return output;
}

function oneLine(text: string): string {
  return withoutFigures(text.replace(/\s+/g, ' '));
}
