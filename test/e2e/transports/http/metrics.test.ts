/** The metrics of a broker that runs: they are what it did, and Prometheus takes them. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { freePort } from '../../../helpers/free-port.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { Program } from '../../../helpers/programs/program.ts';
import { textOf } from '../../../helpers/project.ts';
import { until } from '../../../helpers/until.ts';
import { isInstalled } from '../../documents/clone.ts';
import { whileDown } from './down.ts';

const HTTP = { HTTP_PORT: 0 };

async function scraped({ broker }: TestBroker): Promise<string> {
  const answer = await fetch(`${broker.httpUrl}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return answer.text();
}

/** The values, by name and labels as they are written. */
async function metricsOf(broker: TestBroker): Promise<Map<string, number>> {
  const lines = (await scraped(broker)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]));
}

describe('the metrics', () => {
  it('count what was sent, delivered, held, refused, written and read', async () => {
    await using broker = await startBroker({ SHARDS: 1, MAILBOX_MAX_MESSAGES: 3, FAIR_RESERVE_PERCENT: 0, ...HTTP });
    const [alice, bob] = [await broker.peer('alice'), await broker.peer('bob')];
    alice.send('bob: one\nbob, alice: two\nnobody: three\n');
    await broker.quiet();
    bob.destroy();
    await until(() => broker.broker.view.sessions().length === 1, 'bob to be gone');
    alice.send('bob: 1\nbob: 2\nbob: 3\nbob: 4\nbob: 5\n');
    await broker.quiet();
    const before = await metricsOf(broker);
    expect(Object.fromEntries([...before].filter(([, value]) => value > 0))).toMatchObject({
      'restante_connections{kind="plain",transport="tcp"}': 1,
      'restante_connections_accepted_total{transport="tcp"}': 2,
      'restante_connections_closed_total{reason="left"}': 1,
      restante_messages_received_total: 8,
      'restante_messages_written_total{kind="plain"}': 3,
      'restante_messages_delivered_total{shard="0",path="direct"}': 3,
      'restante_messages_held_total{shard="0",why="held"}': 3,
      'restante_messages_dropped_total{shard="0",reason="unknown_name"}': 1,
      'restante_messages_dropped_total{shard="0",reason="mailbox_messages"}': 2,
      'restante_limits_reported_total{limit="mailbox_max_messages"}': 1,
      'restante_names{shard="0",state="here"}': 1,
      'restante_names{shard="0",state="away"}': 1,
      'restante_mailbox_messages{shard="0"}': 3,
      'restante_mailbox_bytes{shard="0"}': 3 * 'from alice: 1\n'.length,
      restante_received_bytes_total: alice.sentBytes + 'bob\n'.length,
      'restante_shard_up{shard="0"}': 1,
      'restante_store_state{state="open"}': 1,
    });
    expect(before.get('restante_store_sync_seconds_count{shard="0"}')).toBeGreaterThan(0);
    expect(before.get('restante_sent_bytes_total')).toBeGreaterThan(alice.receivedBytes);
    const again = await broker.peer('bob');
    await broker.emptied();
    const after = await metricsOf(broker);
    expect(after.get('restante_messages_delivered_total{shard="0",path="mailbox"}')).toBe(3);
    expect(after.get('restante_mailbox_messages{shard="0"}')).toBe(0);
    expect(again.received).toContain('from alice: 3\n');
  });

  it('count what programs acknowledge, have not acknowledged, get again, and send again', async () => {
    await using broker = await startBroker({ SHARDS: 1, ...HTTP });
    const worker = await ProgramPeer.hello(broker, { name: 'worker' });
    const sender = await ProgramPeer.hello(broker, { name: 'sender' });
    for (const id of ['a', 'b', 'b']) sender.say({ type: 'send', id, to: ['worker'], body: id });
    const [first] = await worker.got('message', 2);
    await sender.got('accepted', 3);
    worker.say({ type: 'ack', seq: first?.seq });
    await until(() => broker.broker.view.sessions()[0]?.waitingMessages === 1, 'the acknowledgement');
    const before = await metricsOf(broker);
    expect(Object.fromEntries(before)).toMatchObject({
      'restante_connections{kind="acknowledging",transport="tcp"}': 2,
      restante_messages_acknowledged_total: 1,
      restante_messages_unacknowledged: 1,
      'restante_messages_duplicate_total{shard="0"}': 1,
    });
    worker.peer.destroy();
    await until(() => broker.broker.view.sessions().length === 1, 'the worker to be gone');
    await broker.broker.flushed();
    const after = await metricsOf(broker);
    expect(after.get('restante_messages_redelivered_total{shard="0"}')).toBe(1);
    expect(after.get('restante_messages_unacknowledged')).toBe(0);
    expect(after.get('restante_messages_acknowledged_total')).toBe(1);
  });

  it('of a shard that is down are not there, and its crash is counted', async () => {
    await using broker = await startBroker({ SHARDS: 2, ...HTTP });
    let metrics = new Map<string, number>();
    await whileDown(broker, async () => {
      metrics = await metricsOf(broker);
      return metrics.get('restante_shard_up{shard="0"}') === 0;
    });
    const up = ['0', '1'].map((shard) => metrics.get(`restante_shard_up{shard="${shard}"}`));
    expect(up).toEqual([0, 1]);
    expect(metrics.get('restante_shard_restarts_total{shard="0"}')).toBeGreaterThan(0);
    expect(metrics.has('restante_mailbox_messages{shard="0"}')).toBe(false);
    expect(metrics.has('restante_mailbox_messages{shard="1"}')).toBe(true);
  });

  it('have no name of a peer in them, are the same for all who ask at once, and are what the examples ask for', async () => {
    await using broker = await startBroker({ SHARDS: 1, ...HTTP });
    await broker.peer('evil"}name');
    const texts = await Promise.all(Array.from({ length: 20 }, () => scraped(broker)));
    expect(texts[0]).not.toContain('evil');
    const told = new Set([...(texts[0] ?? '').matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name));
    expect(told.size).toBeGreaterThan(35);
    const examples = ['alerts.yml', 'grafana.json']
      .map((file) => textOf(`examples/operations/prometheus/${file}`))
      .join();
    const asked = [...examples.matchAll(/\brestante_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(asked.length).toBeGreaterThan(40);
    expect(asked.filter((name) => !told.has(name))).toEqual([]);
  });
});

describe('Prometheus', () => {
  it.skipIf(!isInstalled('promtool'))('finds nothing wrong in them, nor in the examples (its promtool)', async () => {
    await using broker = await startBroker({ SHARDS: 1, ...HTTP });
    await broker.peer('alice');
    const promtool = (input: string, ...args: string[]) => execFileSync('promtool', ['check', ...args], { input });
    expect(promtool(await scraped(broker), 'metrics').toString()).toBe('');
    expect(promtool('', 'config', 'examples/operations/prometheus/prometheus.yml').toString()).toContain(
      '15 rules found',
    );
  });

  it.skipIf(!isInstalled('prometheus'))('scrapes them (a real one)', async () => {
    await using broker = await startBroker({ SHARDS: 2, ...HTTP });
    await broker.peer('alice');
    using folder = temporaryFolder();
    const target = new URL(broker.broker.httpUrl ?? '').host;
    const jobs = [{ job_name: 'restante', static_configs: [{ targets: [target] }] }];
    // JSON is YAML too.
    const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs };
    writeFileSync(join(folder.path, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=tsdb', `--web.listen-address=${address}`];
    await using prometheus = new Program(['prometheus', ...args], { cwd: folder.path });
    let found: unknown[] = [];
    let asking = false;
    const ask = async () => {
      asking = true;
      const query = encodeURIComponent(
        'restante_shard_up == 1 and on() restante_connections{kind="plain",transport="tcp"} == 1',
      );
      const answer = await fetch(`http://${address}/api/v1/query?query=${query}`).catch(() => undefined);
      const { data } = ((await answer?.json().catch(() => undefined)) ?? {}) as { data?: { result: unknown[] } };
      found = data?.result ?? [];
      asking = false;
    };
    const looked = () => {
      if (!asking && found.length < 2) void ask();
      return found.length === 2 || !prometheus.running;
    };
    await until(looked, () => `a scrape: ${prometheus.stderr}`);
    expect(found.length).toBe(2);
  });
});
