/** Where Chromium is on this machine. Nothing downloads one: without it the tests of the page are left out. */
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
];

/** Its path; undefined if it is not found. CHROMIUM_PATH comes first. */
export const CHROMIUM = [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
