import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { plainAddress } from '../../../src/shared/visitors/address-key.ts';
import { unansweredRows } from '../../../src/transport/silence/tcp-table.ts';
import { ROWS_4, ROWS_6, table4, table6 } from '../../helpers/unit/tcp-rows.ts';

const PORT_4 = 42_771;
const PORT_6 = 44_587;

// The rows are of a machine that puts its lowest byte first.
describe.skipIf(endianness() !== 'LE')('the rows of the kernel’s table', () => {
  it('say who was sent something again, and how often', () => {
    const table = table4(ROWS_4.listening, ROWS_4.idle, ROWS_4.sentAgain);
    expect(unansweredRows(table, PORT_4)).toEqual([
      {
        address: '198.18.91.2',
        port: 0xb51e,
        what: 'retransmission',
        times: 6,
        unacknowledgedBytes: 5,
      },
    ]);
  });

  it('say who answers no keep-alive', () => {
    const rows = unansweredRows(table4(ROWS_4.keptAlive), PORT_4);
    expect(rows).toMatchObject([{ port: 0xb528, what: 'keep-alive', times: 6, unacknowledgedBytes: 0 }]);
  });

  it('say who does not answer whether its window is open, and not who merely does not read', () => {
    expect(unansweredRows(table6(ROWS_6.listening, ROWS_6.notReading), PORT_6)).toEqual([]);
    expect(unansweredRows(table6(ROWS_6.notReadingAndGone), PORT_6)).toEqual([
      {
        address: '198.18.91.2',
        port: 0x901e,
        what: 'window probe',
        times: 1,
        unacknowledgedBytes: 0xa9b0,
      },
    ]);
  });

  it('are read of IPv6 too', () => {
    const rows = unansweredRows(table6(ROWS_6.sentAgain), PORT_6);
    expect(rows).toMatchObject([{ address: 'fd00:91::2', port: 0xc97c, times: 3 }]);
  });

  it('count for their own local port alone', () => {
    expect(unansweredRows(table4(ROWS_4.sentAgain), PORT_6)).toEqual([]);
    expect(unansweredRows(table4(ROWS_4.sentAgain), 0xb51e)).toEqual([]);
  });

  it('may have wider numbers in front and behind', () => {
    const wide = ROWS_4.keptAlive.replace(' 148:', '123456:').replace('     0        6', '1000123456        6');
    expect(unansweredRows(table4(wide), PORT_4)).toMatchObject([{ port: 0xb528, times: 6 }]);
  });

  it('may be cut off anywhere, or be no rows', () => {
    const table = table4(ROWS_4.sentOnce, ROWS_4.sentAgain);
    for (let end = 0; end < table.length; end++) {
      expect(unansweredRows(table.subarray(0, end), PORT_4).length).toBeLessThanOrEqual(2);
    }
    for (const text of ['', '\n', 'x', '\n\n::::\n', `\n${'9'.repeat(200)}\n`]) {
      expect(unansweredRows(Buffer.from(text), PORT_4)).toEqual([]);
    }
  });
});

describe('an address', () => {
  it.each([
    ['198.18.91.2', '::ffff:198.18.91.2'],
    ['fd00:91::2', 'FD00:0091:0:0:0:0:0:2'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (one, other) => {
    expect(plainAddress(one)).toBe(plainAddress(other));
  });

  it('that is none is nobody’s', () => {
    expect(plainAddress('')).not.toBe(plainAddress('::'));
  });
});
