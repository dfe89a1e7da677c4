/**
 * A broker process that uses up all its file descriptors at a SIGUSR2, and frees them at the next one. Start it with a
 * low limit of open files.
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
    // No descriptor is free now.
  }
});
await import('../../../../src/main.ts');
