/** How smooth a page is. */
import type { Page } from 'playwright-core';

/** Watches the frames from now on. @returns a function that says the times between them, in milliseconds */
export async function frameGaps(page: Page): Promise<() => Promise<number[]>> {
  const gaps = await page.evaluateHandle(() => {
    const times: number[] = [];
    let last = performance.now();
    const frame = (now: number) => {
      times.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return times;
  });
  return () => gaps.evaluate((times) => times);
}

/** Counts from now on. @returns a function that says how much of the processor the page has used, in milliseconds */
export async function processorMsOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
  };
  const before = await used();
  return async () => (await used()) - before;
}
