// docs/pictures/grafana-*.png: the first screens, over the demo (MINUTES, 5) or the Prometheus that PROMETHEUS names.
import { statSync } from 'node:fs';
import { launch } from '../pages/chromium.mjs';
import { start } from '../pages/demo.mjs';
import { draw } from './drawn.mjs';
import { boards, root, serve } from './server.mjs';

/** Bytes of a picture at most. */
const LIMIT = 200_000;
const minutes = Number(process.env.MINUTES ?? 5);
const all = boards();
const demo = process.env.PROMETHEUS ? undefined : await start(minutes * 60);
const browser = await launch();
const site = await serve(process.env.GRAFANA_PAGE, all, process.env.PROMETHEUS ?? demo.prometheus);
try {
  const time = { from: process.env.FROM ?? `now-${minutes}m`, to: process.env.TO ?? 'now' };
  for (const name of Object.keys(all)) {
    const { page } = await draw(browser, site.url, name, { ...time, open: false });
    const path = `${root}docs/pictures/grafana-${name}.png`;
    await page.screenshot({ path, animations: 'disabled' });
    const { size } = statSync(path);
    console.log(`${path}: ${size} bytes`);
    if (size > LIMIT) throw new Error(`${path} has ${size} bytes, expected at most ${LIMIT}`);
    await page.close();
  }
} finally {
  await browser.close();
  site.close();
  await demo?.stop();
}
