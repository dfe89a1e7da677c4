/** The output of the mail tool for people. Programs get the same as JSON. */
import Table from 'cli-table3';
import { commandFor, counted, escaped } from '../../../shared/common/text.ts';
import type { MailList } from './list.ts';
import type { Purged } from './purge.ts';
import type { Repaired } from './repair.ts';
import type { ShownMessage } from './show.ts';
import type { Finding, Verdict } from './verify.ts';

/** The most rows of a table: a much larger one cannot be built. */
const MOST_ROWS = 1000;

/** @returns the result of `list` as a table */
export function listAsTable({ names, totals }: MailList): string {
  const table = new Table({
    head: ['name', 'messages', 'bytes', 'oldest held'],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const { name, messages, bytes, oldest } of names.slice(0, MOST_ROWS)) {
    table.push([escaped(name), whole(messages), whole(bytes), oldest]);
  }
  const more = names.length - MOST_ROWS;
  if (more > 0) table.push([`${counted(more, 'more', 'more')}: --json lists all`, '', '', '']);
  table.push([counted(totals.names, 'name'), whole(totals.messages), whole(totals.bytes), '']);
  return table.toString();
}

/** @returns a message as one line */
export function shownAsLine({ number, heldAt, line }: ShownMessage): string {
  if (heldAt === null || line === null) return `${number}  damaged: look with "${commandFor('mail')} verify"`;
  return `${number}  ${heldAt}  ${escaped(line)}`;
}

/** @returns why `show` has no output for a name */
export function nothingFor(name: string, known: boolean): string {
  return known ? `${escaped(name)} has no mail` : `nobody of the name ${escaped(name)} is known`;
}

/** @returns the result of `purge` as one line */
export function purgedAsLine(name: string, { messages, bytes, known }: Purged): string {
  if (messages === 0) return nothingFor(name, known);
  return `purged: ${counted(messages, 'message')} (${counted(bytes, 'byte')}) of ${escaped(name)}`;
}

/** @returns the result of `verify` as lines */
export function verdictAsLines({ sound, names, messages, bytes, findings, found }: Verdict): string {
  const extent = extentOf(names, messages, bytes);
  if (sound) return `sound: ${extent}`;
  const lines = findings.map(findingAsLine);
  if (found > findings.length) lines.push(`and ${counted(found - findings.length, 'more', 'more')}`);
  const mend = `mend with "${commandFor('mail')} repair"`;
  lines.push(`not sound: ${counted(found, 'finding')}; read: ${extent}; ${mend}`);
  return lines.join('\n');
}

/** @returns the result of `repair` as lines */
export function repairedAsLines(done: Repaired): string {
  const { database, format, records, orphans, movedAway, movedTo } = done;
  const lines: string[] = [];
  if (database) lines.push('the database was mended by LevelDB: what it took out of use is in the folder lost');
  if (format) lines.push('the format record was written anew');
  if (records > 0) lines.push(`${counted(records, 'index record')} written anew, of names that had none: ${orphans}`);
  if (movedTo !== null)
    lines.push(`${counted(movedAway, 'unreadable entry', 'unreadable entries')} moved to ${movedTo}`);
  if (lines.length === 0) lines.push('there was nothing to mend');
  lines.push(`the store now has ${extentOf(done.names, done.messages, done.bytes)}`);
  return lines.join('\n');
}

function findingAsLine({ what, name, says, key }: Finding): string {
  const whose = name === undefined ? '' : ` of ${escaped(name)}`;
  const where = name === undefined && key !== undefined ? ` (key ${key})` : '';
  return `${what}${whose}: ${escaped(says)}${where}`;
}

function extentOf(names: number, messages: number, bytes: number): string {
  return `${counted(names, 'name')}, ${counted(messages, 'message')}, ${counted(bytes, 'byte')}`;
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}
