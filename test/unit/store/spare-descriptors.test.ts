import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SPARE_DESCRIPTORS, SpareDescriptors } from '../../../src/store/guard/spare-descriptors.ts';

const opened = () => readdirSync('/proc/self/fd').length;

it.skipIf(process.platform !== 'linux')('descriptors are kept back, given up, and taken again', () => {
  const before = opened();
  const spares = new SpareDescriptors();
  for (let round = 0; round < 3; round++) {
    expect([spares.take(), spares.take()]).toEqual([true, true]);
    expect(opened()).toBe(before + SPARE_DESCRIPTORS);
    spares.release();
    spares.release();
    expect(opened()).toBe(before);
  }
});
