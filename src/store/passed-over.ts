/** What LevelDB has passed over when it opened a store: it says so in a file of its own, and to nobody else. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** More says nothing that fewer do not. */
const MOST_TOLD = 5;

/** Its complaints since the store in `folder` was opened, which is now. */
export async function passedOver(folder: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  const lines = createInterface({ input: createReadStream(join(folder, 'LOG')) });
  try {
    for await (const line of lines) {
      const [, complaint] = /\(ignoring error\) (.*)$/.exec(line) ?? /(\S+: dropping \d+ bytes; .*)$/.exec(line) ?? [];
      if (complaint !== undefined && complaints.push(complaint) >= MOST_TOLD) break;
    }
  } catch {
    // Without it nothing is known of damage, and the mail is counted where the last run has not ended in order.
  }
  return complaints;
}
