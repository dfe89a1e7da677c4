/** Finds damage that LevelDB has ignored when it opened a store. It reports that only in a log file of its own. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** More lines do not tell the operator more. */
const MOST_TOLD = 5;

/** @returns its messages since it opened the store in `folder`, which must have been just now */
export async function passedOver(folder: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  const lines = createInterface({ input: createReadStream(join(folder, 'LOG')) });
  try {
    for await (const line of lines) {
      const [, complaint] = /\(ignoring error\) (.*)$/.exec(line) ?? /(\S+: dropping \d+ bytes; .*)$/.exec(line) ?? [];
      if (complaint !== undefined && complaints.push(complaint) >= MOST_TOLD) break;
    }
  } catch {
    // Without that file, damage is not known here. Mail is still counted if the last run did not end in order.
  }
  return complaints;
}
