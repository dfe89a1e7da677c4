import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { SilentPeers } from '../../../src/transport/silence/silent-peers.ts';
import { ROWS_4, ROWS_6, table4, table6 } from '../../helpers/unit/tcp-rows.ts';

const SILENT_SECONDS = 60;
const LOOK_MS = 15_000;

function watched(address: string, takenBytes: number) {
  return { transport: { peer: { address, port: 0xb51e, text: '', secure: false }, takenBytes } };
}

/** A table that the test writes, a clock it moves, and one peer on port B51E that was given 100,000 bytes. */
class Bench {
  readonly peer = watched('198.18.91.2', 100_000);
  readonly bystander = watched('198.18.91.9', 0);
  readonly silent: unknown[] = [];
  reads = 0;
  #now = 0;
  #tables: readonly Buffer[] = [];
  #peers: (typeof this.peer)[] = [this.bystander, this.peer];
  readonly #watch: SilentPeers<typeof this.peer>;

  constructor(localPort = 42_771) {
    this.#watch = new SilentPeers({
      silentSeconds: SILENT_SECONDS,
      localPort,
      peers: () => this.#peers,
      silent: (peer) => this.silent.push(peer),
      now: () => this.#now,
      readTables: async () => {
        this.reads++;
        return this.#tables;
      },
    });
  }

  /** Looks as often as this, a quarter of the time that a peer may be silent between two looks. */
  async look(table: Buffer, times = 1): Promise<number> {
    this.#tables = [table];
    for (let i = 0; i < times; i++) {
      await this.#watch.look();
      this.#now += LOOK_MS;
    }
    return this.silent.length;
  }

  /** From now on another time counts. */
  startAnew(silentSeconds: number): void {
    this.#watch.startAnew(silentSeconds);
  }

  end(): void {
    this.#watch.end();
  }

  leaveNobody(): void {
    this.#peers = [];
  }
}

const retransmitted = (times: number, unacknowledged = 5) =>
  table4(
    ROWS_4.sentOnce
      .replace('00000005:', `${unacknowledged.toString(16).padStart(8, '0')}:`)
      .replace(' 00000001 ', ` ${times.toString(16).padStart(8, '0')} `),
  );

describe.skipIf(endianness() !== 'LE')('a peer', () => {
  it('that acknowledges nothing for so long is silent, and nobody else is', async () => {
    const bench = new Bench();
    for (const times of [3, 6, 7, 8]) expect(await bench.look(retransmitted(times))).toBe(0);
    await bench.look(retransmitted(8));
    expect(bench.silent).toEqual([bench.peer]);
  });

  it('is silent after another time from when that is another', async () => {
    const bench = new Bench();
    for (const times of [3, 6]) expect(await bench.look(retransmitted(times))).toBe(0);
    bench.startAnew(30);
    expect(await bench.look(retransmitted(7))).toBe(1);
    bench.end();
    // After its end it does not begin again.
    bench.startAnew(1);
    expect(await bench.look(retransmitted(8))).toBe(1);
  });

  it('that acknowledges some of it now and then is there, however bad its line is', async () => {
    const bench = new Bench();
    for (let i = 0; i < 40; i++) {
      bench.peer.transport.takenBytes += 1_000;
      expect(await bench.look(retransmitted(1 + (i % 3), 5_000))).toBe(0);
    }
  });

  it('is not taken to answer because more is sent to it', async () => {
    const bench = new Bench();
    for (let i = 0; i < 5; i++) {
      await bench.look(retransmitted(3 + i, 1_000 + i * 500));
      bench.peer.transport.takenBytes += 500;
    }
    expect(bench.silent).toEqual([bench.peer]);
  });

  it('that has answered once begins anew', async () => {
    const bench = new Bench();
    for (const times of [3, 6, 7, 8]) await bench.look(retransmitted(times));
    await bench.look(table4(ROWS_4.idle));
    expect(await bench.look(retransmitted(3), 4)).toBe(0);
  });

  it('that had no room for what was sent, and answers since, is there for ever', async () => {
    const bench = new Bench();
    expect(await bench.look(retransmitted(1), 40)).toBe(0);
  });

  it('that does not read, and says so, is there for ever', async () => {
    const bench = new Bench(44_587);
    bench.peer.transport.peer.port = 0x901e;
    expect(await bench.look(table6(ROWS_6.notReading), 40)).toBe(0);
    await bench.look(table6(ROWS_6.notReadingAndGone), 5);
    expect(bench.silent).toEqual([bench.peer]);
  });

  it('that answers no keep-alive is silent too', async () => {
    const bench = new Bench();
    bench.peer.transport.peer.port = 0xb528;
    await bench.look(table4(ROWS_4.keptAlive), 5);
    expect(bench.silent).toEqual([bench.peer]);
  });

  it('is looked for only while there is one', async () => {
    const bench = new Bench();
    bench.leaveNobody();
    await bench.look(retransmitted(3), 5);
    expect([bench.reads, bench.silent]).toEqual([0, []]);
  });
});
