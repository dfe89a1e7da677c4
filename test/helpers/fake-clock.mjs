// To be imported into every thread of a broker: its wall clock is off by the seconds that stand in the file
// $FAKE_CLOCK.
import { readFileSync } from 'node:fs';

const LOOK_MS = 20;
const RealDate = Date;
const real = Date.now.bind(Date);
let lookedAt = Number.NEGATIVE_INFINITY;
let offsetMs = 0;

function now() {
  const time = real();
  if (time - lookedAt >= LOOK_MS) {
    lookedAt = time;
    offsetMs = Number(readFileSync(process.env.FAKE_CLOCK, 'utf8')) * 1000;
  }
  return time + offsetMs;
}

Date.now = now;
globalThis.Date = new Proxy(RealDate, {
  construct: (Real, args) => (args.length === 0 ? new Real(now()) : new Real(...args)),
});
