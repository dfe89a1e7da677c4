/** The kinds of steps in a simulated life. */

/** How often each kind of step is tried, in proportion. */
export const WEIGHTS = {
  flow: 0, // differs from life to life
  send: 80,
  turn: 40,
  workShard: 40,
  shardTurn: 30,
  workMain: 40,
  answer: 30,
  read: 60,
  take: 25,
  ack: 20,
  reject: 16,
  connect: 10,
  mood: 10,
  end: 4,
  endStream: 6,
  abandon: 4,
  fail: 4,
  close: 6,
  pass: 5,
  hurry: 1,
  full: 1,
  reopen: 8,
  jump: 1,
  crash: 3,
  hear: 6,
  restart: 6,
  calls: 20,
  flush: 3,
  purge: 4,
  kill: 1,
  stop: 1,
} as const;

/**
 * How often everything moves on, in a life that moves slowly, or fast. In a slow life a fault meets what is under way.
 * In a fast one much mail is delivered.
 */
export const FLOWS = [0, 30, 120] as const;

export type Step = keyof typeof WEIGHTS;
