// The machine's own Chromium.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Its path: CHROMIUM, or the first of its names on the PATH; undefined where there is none. */
export function find() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const places = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A browser; root has no sandbox to start it in. */
export const launch = () =>
  chromium.launch({ executablePath: find(), args: ['--disable-gpu', '--disable-dev-shm-usage', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] });

/** A page that notes what goes wrong on it: errors of scripts, of the policy, requests that leave `origin`. */
export async function watched(browser, origin, options = {}) {
  const page = await browser.newPage(options);
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && wrong.push(`console: ${message.text()}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) wrong.push(`asked ${url}`);
  });
  return { page, wrong };
}
