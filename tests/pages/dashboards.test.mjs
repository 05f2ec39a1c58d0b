// The dashboards' page over the demo: real fleet simulator, real collector, real Prometheus, real Chromium.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, watched } from './chromium.mjs';
import { root, start, until } from './demo.mjs';
import { panels } from './panels.mjs';

const folder = `${root}dashboards/perses/`;
const names = readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => file.replace('.json', ''));
// Titles by dashboard, generated out of the definition: what the demo does not have the feature for.
const empty = JSON.parse(readFileSync(`${root}tests/pages/empty.json`, 'utf8'));
const fleet = 'fleet';
const definition = (name) => JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'));
const shown = (page, name) => panels(page, Object.keys(definition(name).spec.panels).length);

let demo;
let browser;
let origin;
before(async () => {
  demo = await start();
  origin = new URL(demo.url).origin;
  browser = await launch();
}, { timeout: 240_000 });
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const open = (options) => watched(browser, origin, { viewport: { width: 1440, height: 1000 }, ...options });
const param = (page, name) => new URL(page.url()).searchParams.get(name);

test('there are dashboards, and the first page lists them all', { timeout: 60_000 }, async () => {
  assert.ok(names.length > 0);
  const { page, wrong } = await open();
  await page.goto(demo.url);
  for (const name of names) await page.locator(`main a[href^="/d/${name}"]`).waitFor();
  assert.deepEqual(wrong, []);
  await page.close();
});

for (const name of names) {
  test(`${name}: every panel shows data, or says that there is none where none is expected`, { timeout: 120_000 }, async () => {
    const { page, wrong } = await open();
    await page.goto(`${demo.url}d/${name}?start=5m&refresh=0s`);
    const found = await shown(page, name);
    const defined = Object.values(definition(name).spec.panels).map((panel) => panel.spec.display.name).sort();
    assert.deepEqual(found.map((panel) => panel.title).sort(), defined);
    // What tells a drawn chart from an empty one.
    assert.ok(Object.values(definition(name).spec.panels).every(({ spec }) => spec.plugin.kind !== 'TimeSeriesChart' || spec.plugin.spec.legend));
    // It lists what is wrong, and often nothing is.
    const either = (panel) => panel.title === 'Which objectives are missed?' && panel.state !== 'error' && panel.state !== 'loading';
    const wanted = (panel) => (empty[name].includes(panel.title) ? 'empty' : 'drawn');
    assert.deepEqual(found.filter((panel) => panel.state !== wanted(panel) && !either(panel)), []);
    assert.deepEqual(wrong, []);
    await page.close();
  });
}

test('an error of a query, an empty panel and an unknown plugin are seen as such', { timeout: 90_000 }, async () => {
  const { page } = await open();
  const body = readFileSync(new URL('fixtures/broken.json', import.meta.url), 'utf8');
  await page.route('**/dashboards/broken.json', (route) => route.fulfill({ contentType: 'application/json', body }));
  await page.goto(`${demo.url}d/broken?start=5m&refresh=0s`);
  const states = Object.fromEntries((await panels(page, 4)).map((panel) => [panel.title, panel.state]));
  assert.deepEqual(states, { good: 'drawn', refused: 'error', nothing: 'empty', unknown: 'error' });
  await page.close();
});

test('a chosen model is asked for, and goes along to another dashboard with the time', { timeout: 90_000 }, async () => {
  const { page } = await open();
  await page.goto(`${demo.url}d/${fleet}?start=5m&refresh=0s`);
  const model = page.locator('[data-testid="variable-model"]');
  await model.locator('input').click();
  const asked = page.waitForRequest((request) => request.url().includes('/query_range') && (request.postData() ?? '').includes('llama3-70b'));
  await page.getByRole('option', { name: 'llama3-70b' }).click();
  await asked;
  await until('the model in the address', 5000, async () => param(page, 'var-model')?.includes('llama3-70b'));
  const nav = page.locator('nav[aria-label="Dashboards"] a');
  const carried = (link) => new URL(link, demo.url).searchParams;
  const links = await until('links that carry the model', 10_000, () => nav.evaluateAll((all) => all.map((link) => link.getAttribute('href'))), (all) =>
    all.every((link) => carried(link).get('var-model') === 'llama3-70b' && carried(link).get('start') === '5m'));
  assert.equal(links.length, names.length);
  await nav.filter({ hasText: 'Capacity' }).click();
  await page.waitForURL(/\/d\/capacity\?.*var-model=llama3-70b/);
  await page.close();
});

test('a panel leads to another dashboard, with the model that was chosen and the time', { timeout: 150_000 }, async () => {
  const { page, wrong } = await open();
  await page.goto(`${demo.url}d/${fleet}?start=5m&refresh=0s&var-model=llama3-70b`);
  // A panel with one link: several are behind a menu. It is below the first screen, and drawn once it was seen.
  await shown(page, fleet);
  const panel = page.locator('[data-testid="panel"]').filter({ hasText: 'How many requests run, and how many wait?' }).first();
  await panel.scrollIntoViewIfNeeded();
  await panel.hover();
  // There are two, one for a wide panel and one for a narrow one.
  const link = panel.locator('a[aria-label="Capacity"]').filter({ visible: true }).first();
  // As Perses itself follows it: with everything filled in.
  const filled = await until('a link without a variable', 10_000, () => link.getAttribute('href'), (href) => href && !href.includes('$'));
  const carried = new URL(filled, page.url());
  assert.equal(carried.pathname, '/d/capacity');
  assert.equal(carried.searchParams.get('var-model'), 'llama3-70b');
  const [from, to] = ['start', 'end'].map((key) => Number(carried.searchParams.get(key)));
  assert.equal(to - from, 300_000);
  await link.click();
  await page.waitForURL((url) => url.pathname === '/d/capacity' && url.searchParams.get('var-model') === 'llama3-70b' && url.searchParams.get('start') === '5m');
  await page.getByRole('heading', { level: 1, name: 'Capacity' }).waitFor();
  assert.deepEqual(wrong, []);
  await page.close();
});

test('a stretch that is drawn over a chart becomes the time of all', { timeout: 120_000 }, async () => {
  const { page } = await open();
  await page.goto(`${demo.url}d/model-slo?start=5m&refresh=0s`);
  await shown(page, 'model-slo');
  const chart = page.locator('canvas').filter({ visible: true });
  const sizes = await chart.evaluateAll((all) => all.map((canvas) => canvas.clientHeight));
  const wide = chart.nth(Math.max(0, sizes.findIndex((height) => height > 120)));
  // Again until it is taken up: a chart that is still easing into its size does not listen.
  const drawn = async () => {
    const box = await wide.boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.4, { steps: 8 });
    await page.mouse.up();
    await page.waitForTimeout(500);
    return [Number(param(page, 'start')), Number(param(page, 'end'))];
  };
  const [from, to] = await until('a fixed time in the address', 30_000, drawn, ([from, to]) => from > 0 && to > from);
  assert.ok(to - from < 300_000, `${to - from} ms`);
  await page.close();
});
