/**
 * Measures what the broker promises about held mail: how fast it is, how small it stays, and that nothing is lost. Each
 * measurement has a real broker process with a store of its own. File by file:
 *
 *   mail/options.ts   the command line;  mail/figures.ts  the figures and their table
 *   mail/broker.ts    the broker's process (common/broker.ts);  mail/peers.ts  who talks to it
 *   mail/mail.ts      what they say, and the check
 *   the others        one measurement each;  mail/chat.ts  is a part of one
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { median } from './common/table.ts';
import { bringingBack } from './mail/bringing-back.ts';
import { asMarkdown, best, type Figure, type Findings, reached } from './mail/figures.ts';
import { frozenReaders } from './mail/frozen-readers.ts';
import { holding } from './mail/holding.ts';
import { idle, idlePrograms } from './mail/idle.ts';
import { latency } from './mail/latency.ts';
import { BODY_BYTES, FRAME_BYTES } from './mail/mail.ts';
import { type BenchOptions, readBenchOptions } from './mail/options.ts';
import { startUp } from './mail/start-up.ts';

const MEASUREMENTS: Readonly<Record<string, (options: BenchOptions) => Promise<Findings>>> = {
  holding,
  latency,
  back: bringingBack,
  start: startUp,
  frozen: frozenReaders,
  idle,
  programs: idlePrograms,
};
const EXIT_WRONG = 1;

async function measure(options: BenchOptions): Promise<Findings> {
  const figures: Figure[] = [];
  const wrong: string[] = [];
  for (const [name, one] of Object.entries(MEASUREMENTS)) {
    if (options.only.length > 0 && !options.only.includes(name)) continue;
    console.error(`bench: ${name}`);
    try {
      const findings = await one(options);
      figures.push(...findings.figures);
      wrong.push(...findings.wrong.map((what) => `${name}: ${what}`));
    } catch (error) {
      wrong.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return { figures, wrong };
}

function asJson(options: BenchOptions, { figures, wrong }: Findings): string {
  const told = figures.map((figure) => ({
    ...figure,
    best: best(figure),
    median: median(figure.measured),
    reached: reached(figure),
  }));
  const { node } = process.versions;
  return JSON.stringify({ node, cores: availableParallelism(), options, figures: told, wrong }, undefined, 2);
}

const options = readBenchOptions(Object.keys(MEASUREMENTS));
const findings = await measure(options);
console.log(
  `Node ${process.version}, ${availableParallelism()} cores, ${options.shards} shards; best and median of ${options.runs}; ` +
    `a body is ${BODY_BYTES} bytes, its delivered line ${FRAME_BYTES}${options.quick ? '; a quick run' : ''}\n`,
);
console.log(asMarkdown(findings.figures));
if (options.json !== undefined) writeFileSync(options.json, `${asJson(options, findings)}\n`);
if (findings.wrong.length > 0) {
  console.error(`\nbench: wrong:\n${findings.wrong.slice(0, 20).join('\n')}`);
  process.exitCode = EXIT_WRONG;
}
