/** The `top` command: how a broker that runs does, again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { counted } from '../../../../shared/common/text.ts';
import type { AdminApi } from '../../admin/api.ts';
import type { Context } from '../context.ts';
import { example, seconds } from '../values.ts';
import { brokerOf, withToken } from './broker.ts';
import { type ConnectionRow, connectionsAsTable, whole } from './connections.ts';

/** So many connections are shown: those with the most in hand. */
const SHOWN = 10;
/** Moves to the upper left corner; and clears what is right of and below the text. */
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const MIB = 1024 * 1024;

interface Info {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly names: number;
  readonly draining: boolean;
  readonly memory: { readonly rssBytes: number };
  readonly limits: readonly { readonly limit: string; readonly used: number; readonly most: number }[];
}

interface ShardRow {
  readonly shard: number;
  readonly up: boolean;
  readonly restarts: number;
  readonly receivedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly names: number;
  readonly loopDelayMs: number;
}

interface Look {
  readonly info: Info;
  readonly shards: readonly ShardRow[];
  readonly connections: readonly ConnectionRow[];
}

interface Options {
  readonly token?: string;
  readonly once: boolean;
  readonly every: number;
}

/** Adds the command. */
export function addTop(context: Context): void {
  const command = context.program
    .command('top')
    .description('how a broker that runs does, until Ctrl-C')
    .option('--once', 'look once; so does whoever is no terminal, but with --json', false)
    .option('--every <seconds>', 'time between two looks', seconds, 1)
    .addHelpText('after', example('restante top', 'restante top --once --json'));
  withToken(command).action((options: Options) => top(context, options));
}

async function top(context: Context, options: Options): Promise<void> {
  const { output, stop } = context;
  const api = brokerOf(context, options);
  const isTerminal = process.stdout.isTTY === true;
  const isOnce = options.once || !(isTerminal || output.json);
  for (let looks = 0; ; looks++) {
    const look = await lookAt(api);
    if (output.json) await output.say({ type: 'top', at: Date.now(), ...look }, '');
    else await output.raw(isOnce ? lookAsText(look) : inPlace(lookAsText(look), looks === 0));
    if (isOnce) return;
    await sleep(options.every * 1000, undefined, { signal: stop });
  }
}

async function lookAt(api: AdminApi): Promise<Look> {
  const [info, shards, page] = await Promise.all([
    api.ask<Info>('/info'),
    api.ask<readonly ShardRow[]>('/shards'),
    api.ask<{ readonly connections: readonly ConnectionRow[] }>(`/connections?sort=waiting&order=desc&limit=${SHOWN}`),
  ]);
  return { info, shards, connections: page.connections };
}

/** The text over the one before. */
function inPlace(text: string, isFirst: boolean): string {
  const lines = text.split('\n').map((line) => `${line}${CLEAR_LINE}`);
  return `${isFirst ? `${HOME}${CLEAR_BELOW}` : HOME}${lines.join('\n')}${CLEAR_BELOW}`;
}

function lookAsText({ info, shards, connections }: Look): string {
  const { version, uptimeSeconds, names, memory, limits, draining } = info;
  const parts = [
    `Restante ${version}, up ${whole(uptimeSeconds)} s${draining ? ', stopping' : ''}`,
    counted(info.connections, 'connection'),
    counted(names, 'name'),
    `${whole(Math.round(memory.rssBytes / MIB))} MiB resident`,
  ];
  const near = limits.map(({ limit, used, most }) => `${limit} ${Math.round((used / most) * 100)}%`);
  return [parts.join(', '), near.join(', '), shardsAsTable(shards), connectionsAsTable(connections)].join('\n');
}

function shardsAsTable(rows: readonly ShardRow[]): string {
  const table = new Table({
    head: ['shard', 'state', 'restarts', 'received/s', 'delivered/s', 'held', 'held bytes', 'names', 'late ms'],
    colAligns: ['right', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const figures = [
      ...[row.restarts, row.receivedPerSecond, row.deliveredPerSecond, row.heldMessages, row.heldBytes],
      ...[row.names, row.loopDelayMs],
    ];
    table.push([String(row.shard), row.up ? 'up' : 'down', ...figures.map(whole)]);
  }
  return table.toString();
}
