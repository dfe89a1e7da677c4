/** A request that waits for mail is answered in time, though memory is collected meanwhile. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { TimeLimits } from '../../../../../src/shared/common/deadline.ts';
import { paced } from '../../../../helpers/pace/pace.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient } from './client.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects memory again and again until it is disposed of. */
function collecting(): Disposable {
  const timer = setInterval(collect, 20);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

it('of many that wait, each is answered when its time is over', { timeout: paced(20_000) }, async () => {
  await using all = await brokerAndClient({});
  using _ = collecting();
  const names = Array.from({ length: 10 }, (_each, i) => `n${i}`);
  const answers = await Promise.all(names.map((name) => all.http.ask(`/v1/mail/${name}?wait=1`)));
  expect(answers.map(({ status, text }) => [status, text])).toEqual(names.map(() => [200, '']));
});

it('a signal of a time limit comes though nobody holds it, and with the signal that it follows', async () => {
  const gone = new AbortController();
  using limits = new TimeLimits(gone.signal);
  const ended: string[] = [];
  limits.after(100).addEventListener('abort', () => ended.push('late'));
  limits.after(1e9).addEventListener('abort', () => ended.push('gone'));
  using _ = collecting();
  await until(() => ended.length > 0, 'the time to be over');
  expect(ended).toEqual(['late']);
  gone.abort();
  expect([ended, limits.after(1e9).aborted]).toEqual([['late', 'gone'], true]);
});

it('a time limit that is disposed of never comes', async () => {
  const gone = new AbortController();
  const limits = new TimeLimits(gone.signal);
  const late = limits.after(1);
  limits[Symbol.dispose]();
  gone.abort();
  using other = new TimeLimits();
  const later = other.after(50);
  await until(() => later.aborted, 'a later one');
  expect(late.aborted).toBe(false);
});
