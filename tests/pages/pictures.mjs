// The pictures of the README and the docs: the dashboards over a demo that has run for a while, and the
// values validator's page. `make pictures`; MINUTES (5) is how long the demo runs before.
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { launch } from './chromium.mjs';
import { root, start } from './demo.mjs';
import { panels } from './panels.mjs';
import { serve } from './site.mjs';

/** Bytes of a picture at most. */
const LIMIT = 200_000;
const minutes = Number(process.env.MINUTES ?? 5);
const into = `${root}docs/pictures/`;
mkdirSync(into, { recursive: true });

async function take(page, name, height) {
  await page.setViewportSize({ width: 1280, height });
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.move(0, 0); // a panel under the mouse shows its buttons
  await page.waitForTimeout(1500); // charts ease into their new size
  await page.screenshot({ path: `${into}${name}.png`, animations: 'disabled' });
  const { size } = statSync(`${into}${name}.png`);
  console.log(`docs/pictures/${name}.png: ${size} bytes`);
  if (size > LIMIT) throw new Error(`${name}.png has ${size} bytes, expected at most ${LIMIT}`);
}

const browser = await launch();
const site = await serve(`${root}target/pages/plugins-values-validator-page`);
const values = await browser.newPage({ viewport: { width: 1280, height: 560 } });
await values.goto(site.url);
await values.locator('body[data-checked="yes"]').waitFor();
await take(values, 'values', 560);
site.close();

console.log(`the demo runs for ${minutes} min …`);
const demo = await start(minutes * 60);
try {
  for (const file of readdirSync(`${root}dashboards/perses`).filter((file) => file.endsWith('.json'))) {
    const name = file.replace('.json', '');
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    await page.goto(`${demo.url}d/${name}?start=${minutes}m&refresh=0s`);
    const { spec } = JSON.parse(readFileSync(`${root}dashboards/perses/${file}`, 'utf8'));
    await panels(page, Object.keys(spec.panels).length);
    await take(page, `dashboard-${name}`, 1000);
    await page.close();
  }
} finally {
  await demo.stop();
  await browser.close();
}
