/**
 * A broker whose process has no file descriptor left from one SIGUSR2 to the next. Start it with a small limit of them.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

const held: number[] = [];

process.on('SIGUSR2', () => {
  if (held.length > 0) {
    for (const descriptor of held.splice(0)) closeSync(descriptor);
    return;
  }
  try {
    for (;;) held.push(openSync(devNull, 'r'));
  } catch {
    // Now there are none.
  }
});
await import('../../../src/main.ts');
