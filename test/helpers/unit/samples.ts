/** Records that tests put and read. */
export const FLUSH = { kind: 'flush', flushId: 7 } as const;
export const RETURN = {
  kind: 'return',
  attachment: 5,
  name: 'bob',
  last: true,
  writtenFrames: 1,
  writtenBytes: 10,
  writtenNumber: 8,
  runs: [['one', 'two'], [], ['three']],
} as const;
export const returned = { ...RETURN, runs: RETURN.runs.map((run) => [...run]) };
