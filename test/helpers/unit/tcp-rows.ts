/** Rows of Linux's tables of TCP connections, recorded with kernel 6.18 on a little-endian machine. */

const HEADING_4 =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const HEADING_6 =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A socket that listens on port 42771 (A713), and connections to it from 198.18.91.2. */
export const ROWS_4 = {
  listening:
    '   2: 015B12C6:A713 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 152561 1 0000000044e4f7af 100 0 0 10 0                    \n',
  idle: ' 150: 015B12C6:A713 025B12C6:B528 01 00000000:00000000 02:00000006 00000000     0        0 152571 2 00000000ea79a4b6 20 0 0 10 -1                    \n',
  keptAlive:
    ' 148: 015B12C6:A713 025B12C6:B528 01 00000000:00000000 02:00000029 00000000     0        6 152571 2 00000000ea79a4b6 20 0 0 10 -1                    \n',
  sentOnce:
    ' 266: 015B12C6:A713 025B12C6:B51E 01 00000005:00000000 01:0000000B 00000001     0        0 152568 3 0000000008156336 40 0 0 1 -1                     \n',
  sentAgain:
    ' 256: 015B12C6:A713 025B12C6:B51E 01 00000005:00000000 01:0000011C 00000006     0        0 152568 3 0000000008156336 326 0 0 1 -1                    \n',
} as const;

/** The same on port 44587 (AE2B), for a socket of both address families. One peer does not read. */
export const ROWS_6 = {
  listening:
    '   0: 00000000000000000000000000000000:AE2B 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 152560 1 000000008852d211 100 0 0 10 0\n',
  sentAgain:
    '   1: 910000FD000000000000000001000000:AE2B 910000FD000000000000000002000000:C97C 01 00000005:00000000 01:00000039 00000003     0        0 152570 2 000000007a4f0973 163 0 0 1 -1\n',
  notReading:
    '   2: 0000000000000000FFFF0000015B12C6:AE2B 0000000000000000FFFF0000025B12C6:901E 01 0000A9B0:00000000 04:00000102 00000000     0        0 152569 2 000000007b3a5e28 20 0 0 19 -1\n',
  notReadingAndGone:
    '   2: 0000000000000000FFFF0000015B12C6:AE2B 0000000000000000FFFF0000025B12C6:901E 01 0000A9B0:00000000 04:000004AF 00000000     0        1 152569 2 000000007b3a5e28 20 0 0 19 -1\n',
} as const;

export const table4 = (...rows: readonly string[]) => Buffer.from(HEADING_4 + rows.join(''));
export const table6 = (...rows: readonly string[]) => Buffer.from(HEADING_6 + rows.join(''));
