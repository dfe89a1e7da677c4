/** The `connections` command: who is connected to a broker that runs. */
import Table from 'cli-table3';
import { Option } from 'commander';
import { counted, escaped, isoTime } from '../../../../shared/common/text.ts';
import type { AdminApi } from '../../admin/api.ts';
import type { Context } from '../context.ts';
import { count, example } from '../values.ts';
import { brokerOf, withToken } from './broker.ts';

/** One connection, as the admin API has it. */
export interface ConnectionRow {
  readonly id: number;
  readonly name: string | null;
  readonly peer: string;
  readonly speaks: string;
  readonly standing: string;
  readonly since: number;
  readonly waitingMessages: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

interface Page {
  readonly total: number;
  readonly connections: readonly ConnectionRow[];
}

interface Options {
  readonly token?: string;
  readonly sort: string;
  readonly desc: boolean;
  readonly limit: number;
}

/** The most rows of one answer. */
const MAX_ROWS = 1_000;

/** Adds the command. */
export function addConnections(context: Context): void {
  const command = context.program
    .command('connections')
    .description('who is connected to a broker that runs')
    .argument('[prefix]', 'only names that begin so', '')
    .addOption(
      new Option('--sort <column>', 'by what')
        .choices(['since', 'name', 'waiting', 'read', 'written'])
        .default('since'),
    )
    .option('--desc', 'the largest or the newest first', false)
    .option('--limit <count>', 'so many at most', count, 100)
    .addHelpText('after', example('restante connections --sort waiting --desc --limit 10'));
  withToken(command).action(async (prefix: string, options: Options) => {
    const { output } = context;
    const { total, connections } = await connectionsOf(brokerOf(context, options), prefix, options);
    if (output.json) for (const row of connections) await output.say({ type: 'connection', ...row }, '');
    else await output.raw(`${connectionsAsTable(connections)}\n${counted(total, 'connection')}`);
  });
}

async function connectionsOf(api: AdminApi, prefix: string, { sort, desc, limit }: Options): Promise<Page> {
  const connections: ConnectionRow[] = [];
  let total = 0;
  do {
    const rows = Math.min(MAX_ROWS, limit - connections.length);
    const query = `sort=${sort}&order=${desc ? 'desc' : 'asc'}&limit=${rows}&offset=${connections.length}`;
    const page = await api.ask<Page>(`/connections?${query}&name=${encodeURIComponent(prefix)}`);
    total = page.total;
    connections.push(...page.connections);
    if (page.connections.length === 0) break;
  } while (connections.length < Math.min(limit, total));
  return { total, connections };
}

/** @returns connections as a table for people */
export function connectionsAsTable(rows: readonly ConnectionRow[]): string {
  const table = new Table({
    head: ['id', 'name', 'peer', 'speaks', 'standing', 'since', 'waiting', 'read', 'written'],
    colAligns: ['right', 'left', 'left', 'left', 'left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const { id, name, peer, speaks, standing, since, waitingMessages, readBytes, writtenBytes } = row;
    const figures = [waitingMessages, readBytes, writtenBytes].map(whole);
    const when = isoTime(Math.floor(since / 1000));
    table.push([String(id), name === null ? '' : escaped(name), peer, speaks, standing, when, ...figures]);
  }
  return table.toString();
}

/** @returns a number for people */
export function whole(value: number): string {
  return value.toLocaleString('en-US');
}
