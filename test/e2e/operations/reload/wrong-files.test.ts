/** Files that are wrong in every way: none cuts a session, none changes a setting, and each is told with its place. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { problemText } from '../../../../src/shared/common/config/problems.ts';
import { readSources } from '../../../../src/shared/common/config/sources.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import type { Peer } from '../../../helpers/peer.ts';

const SESSIONS = 50;
const RIGHT = 'LOG_LEVEL = "fatal"\nMAX_DESTINATIONS = 7\n';

type Make = (file: string) => void;
const text =
  (content: string | Uint8Array): Make =>
  (file) =>
    writeFileSync(file, content);

/** How the file is, and what is told of it. */
const WRONG: readonly (readonly [string, Make, string])[] = [
  ['a value out of range', text('PORT = 70000'), ':1:8: PORT is 70000'],
  ['a value of another kind', text('LOG_LEVEL = 3'), ':1:13: LOG_LEVEL is 3'],
  ['a word that is none', text('\r\n\r\n  LOG_LEVEL = "loud"'), ':3:15: LOG_LEVEL is "loud"'],
  ['a size without a unit', text('MAILBOX_MAX_BYTES = "16MB"'), ':1:21: MAILBOX_MAX_BYTES'],
  ['a negative number', text('MAX_NAMES = -1'), ':1:13: MAX_NAMES is -1'],
  ['infinity', text('MAX_CONNECTIONS = inf'), ':1:19: MAX_CONNECTIONS is inf'],
  [
    'a key that is misspelt',
    text('MAX_CONECTIONS = 5'),
    ':1:1: MAX_CONECTIONS is no setting: was MAX_CONNECTIONS meant',
  ],
  ['a key in small letters', text('\nlog_level = "debug"'), ':2:1: log_level is no setting: was LOG_LEVEL meant?'],
  ['a key that is nothing', text('LOG_LEVEL = "debug"\nX = 1'), ':2:1: X is no setting'],
  ['a key twice', text('LOG_LEVEL = "debug"\nLOG_LEVEL = "warn"'), ':2:1: this is no TOML'],
  ['a table', text('LOG_LEVEL = "debug"\n[http]\nPORT = 1'), ':2:1: http is no setting, and there are no tables'],
  ['no value', text('LOG_LEVEL ='), ':1:12: this is no TOML'],
  ['no end of a string', text('LOG_LEVEL = "debug\n'), 'this is no TOML'],
  ['no end of a list', text('HTTP_ORIGINS = [\n"https://a.example",\n'), 'this is no TOML'],
  ['an element that is wrong', text('HTTP_ORIGINS = [\n "https://a.example",\n "b"]'), ':3:2: HTTP_ORIGINS is "b"'],
  ['another format', text('{"LOG_LEVEL": "debug"}'), ':1:1: this is no TOML'],
  ['settings of a shell', text('LOG_LEVEL=debug\n'), ':1:11: this is no TOML'],
  ['no UTF-8', text(Buffer.from('LOG_LEVEL = "debug" # \xff', 'latin1')), ':1:23: it is not UTF-8'],
  ['zeros', text(Buffer.alloc(4096)), ':1:1: this is no TOML'],
  ['huge', text(`LOG_LEVEL = "debug"\n${'#'.repeat(10_000_000)}`), 'it is larger than 65536 bytes'],
  ['missing', () => undefined, 'there is no such file'],
  ['a folder', (file) => mkdirSync(file), 'it is a folder'],
  ['a pipe', (file) => void execFileSync('mkfifo', [file]), 'it is a pipe or a device'],
  ['endless', (file) => symlinkSync('/dev/zero', file), 'it is a pipe or a device'],
  ['wrong in two places', text('PORT = 0\nSHARDS = 0\nX = 1'), ':2:10: SHARDS is 0'],
];

/** Every session sends itself a line, and gets it. */
async function allTalk(broker: TestBroker, peers: readonly Peer[], what: string): Promise<void> {
  for (const [number, peer] of peers.entries()) peer.send(`p${number}: ${what}\n`);
  await broker.quiet();
  expect(peers.filter((peer, number) => !peer.received.endsWith(`from p${number}: ${what}\n`))).toEqual([]);
}

it('a wrong file changes nothing, and cuts nobody, however it is wrong', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'restante.toml');
  const read = async () => (await readSources({ MAX_DESTINATIONS: '5' }, file)).config;
  await using broker = await startBroker({ MAX_DESTINATIONS: 5 }, undefined, async (config) => {
    const { LOG_LEVEL, MAX_DESTINATIONS } = await read();
    return { ...config, LOG_LEVEL, MAX_DESTINATIONS };
  });
  const peers = [];
  for (let number = 0; number < SESSIONS; number++) peers.push(await broker.peer(`p${number}`));
  writeFileSync(file, RIGHT);
  expect(await broker.broker.reload()).toMatchObject({ kind: 'taken', changed: [{ name: 'LOG_LEVEL' }] });
  for (const [what, make, told] of WRONG) {
    const before = broker.broker.settings.current;
    rmSync(file);
    make(file);
    const outcome = await broker.broker.reload();
    const problems = outcome.kind === 'wrong' ? outcome.problems.map(problemText) : [outcome.kind];
    expect(problems.join('\n'), what).toContain(told);
    expect(broker.broker.settings.current, what).toBe(before);
    await allTalk(broker, peers, what);
    writeFileSync(`${file}.new`, RIGHT);
    rmSync(file, { recursive: true, force: true });
    // As an editor saves it: another file takes its place.
    renameSync(`${file}.new`, file);
    expect((await broker.broker.reload()).kind, what).toBe('taken');
  }
  expect(broker.broker.view.sessions()).toHaveLength(SESSIONS);
  // What the environment says is in force after all of them.
  expect(broker.broker.settings.current.MAX_DESTINATIONS).toBe(5);
});
