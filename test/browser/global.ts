/** Says once that the tests of the page are left out, where they are. */
import { CHROMIUM } from './chromium.ts';

export default function setup(): void {
  if (CHROMIUM === undefined) {
    console.log('test/browser is left out: no Chromium is found ("apt-get install chromium", or CHROMIUM_PATH)');
  }
}
