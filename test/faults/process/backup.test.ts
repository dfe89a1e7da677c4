/** A backup of a broker under load. The broker is killed behind it, and one starts on the copy. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Client, connect } from '../../../src/tools/library/index.ts';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { SmallDisk } from '../../helpers/faults/disk.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { TestProcess } from '../../helpers/programs/process.ts';
import { until } from '../../helpers/until.ts';

/** The mail of the first is read first for the backup, and that of the last much later. */
const NAMES = Array.from({ length: 100 }, (_, i) => `queue-${i + 100}`);
const BEFORE = fastOrLong(2_500, 40_000);
const UNDER_WAY = 200;
const ACKED = 5;
const LAST = 'last';
/** Less than one log of LevelDB. */
const SMALL_MIB = 3;
const PADDING = '.'.repeat(1_000);
const SETTINGS = { HTTP_PORT: '0', HOLD_UNKNOWN: 'on', MAILBOX_MAX_MESSAGES: 'unlimited' };

const nameOf = (number: number) => NAMES[number % NAMES.length] ?? '';
const numberOf = (body: unknown) => Number.parseInt(String(body), 10);

const programOf = ({ port }: FaultBroker, name: string) =>
  connect(`tcp://127.0.0.1:${port}`, { name, reconnect: false });

/** Sends the messages with the numbers 0, 1, 2, … to one name after the other, each durable. */
class Sender {
  readonly #client: Client;
  /** The messages 0 to before this one are accepted. */
  accepted = 0;
  #stopped = false;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Sends up to the message before this one, so many at a time. */
  async until(number: number, atATime: number): Promise<void> {
    while (this.accepted < number && !this.#stopped) {
      const next = Array.from({ length: atATime }, (_, i) => this.accepted + i);
      await Promise.all(next.map((each) => this.#client.send(nameOf(each), `${each} ${PADDING}`, { durable: true })));
      this.accepted += atATime;
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

function backupOf(broker: FaultBroker, folder: string): TestProcess {
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(broker.process.stdout)?.[0] ?? '';
  return new TestProcess('src/tools/cli/restante.ts', ['backup', folder, '--url', url, '--json'], {});
}

/** All that waits for a name, by number, in the order in which it comes. */
async function mailOf(broker: FaultBroker, name: string): Promise<number[]> {
  await using client = await programOf(broker, name);
  void client.send(name, LAST);
  const numbers: number[] = [];
  for await (const message of client.messages()) {
    message.ack();
    if (message.body === LAST) break;
    numbers.push(numberOf(message.body));
  }
  return numbers;
}

it('all that was accepted before a backup begins is in it, in order and once, and behind that nothing is left out', {
  timeout: paced(120_000),
}, async () => {
  using folder = temporaryFolder();
  const copy = join(folder.path, 'copy');
  const acked = new Set<number>();
  let accepted = 0;
  {
    await using broker = await FaultBroker.start(join(folder.path, 'data'), SETTINGS);
    await using ann = await programOf(broker, 'ann');
    const sender = new Sender(ann);
    await sender.until(BEFORE, UNDER_WAY);
    await using worker = await programOf(broker, nameOf(0));
    for await (const message of worker.messages()) {
      message.ack();
      if (acked.add(numberOf(message.body)).size === ACKED) break;
    }
    // One at a time: what is in the copy must be the numbers up to some one, whichever names they are for.
    const sending = sender.until(Number.POSITIVE_INFINITY, 1);
    accepted = sender.accepted;
    await using backup = backupOf(broker, copy);
    expect([await backup.exitCode(), backup.stderr]).toEqual([0, '']);
    expect(JSON.parse(backup.stdout).messages).toBeGreaterThanOrEqual(accepted - acked.size);
    await until(() => sender.accepted > accepted, 'more messages to be accepted meanwhile');
    sender.stop();
    await sending;
    await broker.kill();
  }
  await using broker = await FaultBroker.start(copy, SETTINGS);
  const mail = await Promise.all(NAMES.map((name) => mailOf(broker, name)));
  for (const [i, numbers] of mail.entries()) {
    expect(numbers).toEqual(
      [...new Set(numbers)].toSorted((one, other) => one - other).filter((number) => number % NAMES.length === i),
    );
  }
  const found = new Set(mail.flat());
  const last = Math.max(...found);
  expect(last).toBeGreaterThanOrEqual(accepted - 1);
  const all = Array.from({ length: last + 1 }, (_, number) => number);
  expect(all.filter((number) => !found.has(number) && !acked.has(number))).toEqual([]);
});

it('a backup that is interrupted, and one on a full disk, leave nothing, and the broker gives out the next one', async ({
  skip,
}) => {
  using folder = temporaryFolder();
  await using broker = await FaultBroker.start(join(folder.path, 'data'), SETTINGS);
  await using ann = await programOf(broker, 'ann');
  const sender = new Sender(ann);
  await sender.until(2 * BEFORE, UNDER_WAY);
  const copies = join(folder.path, 'copies');
  await using interrupted = backupOf(broker, `${copies}-1`);
  await until(() => readdirSync(folder.path).includes('copies-1.part'), 'the backup to begin');
  interrupted.signal('SIGINT');
  expect([await interrupted.exitCode(), interrupted.stderr]).toEqual([130, 'restante: interrupted\n']);
  expect(readdirSync(folder.path)).toEqual(['data']);
  const disk = SmallDisk.mount(SMALL_MIB);
  if (typeof disk === 'string') return skip(disk);
  using small = disk;
  await using full = backupOf(broker, join(small.path, 'copy'));
  expect(await full.exitCode()).toBe(1);
  expect(JSON.parse(full.stdout).message).toMatch(/cannot be written \(.*No space left on device.*\): make room$/);
  expect(readdirSync(small.path)).toEqual([]);
  await using whole = backupOf(broker, `${copies}-2`);
  expect([await whole.exitCode(), whole.stderr]).toEqual([0, '']);
});
