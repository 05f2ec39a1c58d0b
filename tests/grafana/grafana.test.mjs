// The dashboards as Grafana's own front-end packages draw them, over the demo's Prometheus.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch } from '../pages/chromium.mjs';
import { start } from '../pages/demo.mjs';
import { BACKGROUND, THEMES, clipped, contrast, draw, panels, plain } from './drawn.mjs';
import { boards, root, serve } from './server.mjs';

const all = boards();
const empty = JSON.parse(readFileSync(`${root}tests/pages/empty.json`, 'utf8'));
const built = process.env.GRAFANA_PAGE;
let demo, browser, site, time;

before(async () => {
  if (!process.env.PROMETHEUS) demo = await start(30);
  browser = await launch();
  site = await serve(built, all, process.env.PROMETHEUS ?? demo.prometheus);
  time = { from: process.env.FROM ?? 'now-5m', to: process.env.TO ?? 'now' };
}, { timeout: 240_000 });
after(async () => {
  await browser?.close();
  site?.close();
  await demo?.stop();
});

for (const [name, board] of Object.entries(all)) {
  for (const theme of THEMES) {
    test(`${name}, ${theme}: every panel is drawn, or says why it is empty; lines stand out from the background`, { timeout: 120_000 }, async () => {
      const { page, wrong } = await draw(browser, site.url, name, { ...time, theme, height: 6000 });
      const found = await panels(page);
      const defined = board.panels.flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]));
      assert.deepEqual(found.map(({ title }) => title).sort(), defined.map(({ title }) => title).sort());
      assert.deepEqual(wrong, []);
      assert.deepEqual(found.filter((panel) => panel.failed).map(({ title }) => title), []);
      for (const panel of found) {
        const { noValue } = defined.find(({ title }) => title === panel.title).fieldConfig.defaults;
        if (panel.empty !== null) assert.equal(panel.empty, noValue, panel.title);
        else for (const cell of panel.rows.flat()) assert.ok(cell.length < 60 && (noValue === '–' || cell !== noValue), `${panel.title}: ${cell}`);
        for (const line of panel.series ?? []) assert.ok(contrast(line.color, BACKGROUND[theme]) >= 3, `${panel.title}: ${plain(line.name)} is ${line.color}`);
        for (const stat of panel.stats ?? []) assert.ok(contrast(stat.color, BACKGROUND[theme]) >= 3, `${panel.title}: ${stat.title} is ${stat.color}`);
        assert.deepEqual(panel.marks ?? [], [], `${panel.title}: alerts are drawn without having been asked for`);
      }
      await page.close();
    });
  }
}

test('a model has one colour in every panel, whatever is chosen, and its percentiles differ by stroke', { timeout: 120_000 }, async () => {
  const colours = async (choices) => {
    const { page } = await draw(browser, site.url, 'fleet', { ...time, height: 6000, choices });
    const lines = (await panels(page)).flatMap((panel) => (panel.series ?? []).map((line) => ({ ...line, panel: panel.title }))).filter((line) => line.labels?.model_name);
    await page.close();
    return lines;
  };
  const [both, one] = [await colours({}), await colours({ 'var-model': 'llama3-70b' })];
  const of = (lines, model) => new Set(lines.filter((line) => line.labels.model_name === model).map((line) => line.color));
  for (const model of ['qwen3-235b', 'llama3-70b']) assert.equal(of(both, model).size, 1, `${model}: ${[...of(both, model)]}`);
  assert.notDeepEqual(of(both, 'qwen3-235b'), of(both, 'llama3-70b'));
  assert.deepEqual(of(one, 'llama3-70b'), of(both, 'llama3-70b'));
  assert.ok(one.every((line) => line.labels.model_name === 'llama3-70b'));
  const latency = both.filter((line) => line.panel === 'How long until the first token?' && line.labels.model_name === 'qwen3-235b');
  assert.equal(new Set(latency.map((line) => JSON.stringify(line.style))).size, 3);
  assert.deepEqual(latency.map((line) => plain(line.name)), ['qwen3-235b p99', 'qwen3-235b p95', 'qwen3-235b p50']);
});

test('the first screen of Fleet answers what is up, slow, firing and worst without scrolling', { timeout: 60_000 }, async () => {
  const { page } = await draw(browser, site.url, 'fleet', { ...time, open: false });
  const found = Object.fromEntries((await panels(page)).map((panel) => [panel.title, panel]));
  const first = ['Is it up, is it slow?', 'Which model is in trouble?', 'Which alerts are firing?', 'Which pods are the worst now?', "What does a request's time go into?"];
  for (const title of first) assert.ok(found[title].bottom <= 900, `${title} ends at ${found[title].bottom}`);
  for (const title of first.slice(1, 4)) assert.deepEqual(await clipped(page, title), [], title);
  await page.close();
});

test('on a phone the worst pods stand within the second screen', { timeout: 60_000 }, async () => {
  const { page } = await draw(browser, site.url, 'fleet', { ...time, open: false, width: 390, height: 844 });
  const worst = (await panels(page)).find(({ title }) => title === 'Which pods are the worst now?');
  assert.ok(worst.top < 2 * 844 - 200, `it begins at ${worst.top}`);
  await page.close();
});

// Alerts as a rule of each kind leaves them: of an entry, of a model, of many pods, of one, of a collector.
const RECORDED = JSON.parse(readFileSync(new URL('./alerts.json', import.meta.url), 'utf8'));
const answered = (path, parameters) => {
  const query = parameters.get('query') ?? '';
  const instant = path.endsWith('/query');
  if (path.endsWith('/series')) return JSON.stringify({ status: 'success', data: [] });
  const table = query.includes('ALERTS') && instant ? (query.includes('ALERTS_FOR_STATE') ? RECORDED.since : RECORDED.ranked) : [];
  return JSON.stringify({ status: 'success', data: { resultType: instant ? 'vector' : 'matrix', result: table } });
};

test('alerts: the most severe first, names whole, no words of emptiness in cells, links with time and choices', { timeout: 60_000 }, async () => {
  const alone = await serve(built, all, '', answered);
  try {
    const { page } = await draw(browser, alone.url, 'fleet', { from: '1795661730000', to: '1795662090000', open: false });
    const table = (await panels(page)).find(({ title }) => title === 'Which alerts are firing?');
    const [head, ...rows] = table.rows;
    assert.deepEqual(head.map((text) => text.replace(/\W+$/, '')), ['Severity', 'Alert', 'Model', 'Entry', 'Pod', 'Since']);
    assert.deepEqual(rows.map((row) => row.slice(0, 5)), RECORDED.shown);
    assert.deepEqual(await clipped(page, 'Which alerts are firing?'), []);
    await page.close();
  } finally {
    alone.close();
  }
});

test('every package has a licence of the list, none is AGPL', () => {
  const allowed = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'Unlicense', 'Zlib']);
  // Without the field: the text says it.
  const said = { 'fast-shallow-equal': 'Unlicense', 'react-universal-interface': 'Unlicense', 'get-document': 'MIT' };
  const { packages } = JSON.parse(readFileSync(new URL('./package-lock.json', import.meta.url), 'utf8'));
  const wrong = Object.entries(packages).filter(([path]) => path.startsWith('node_modules/')).filter(([path, entry]) => {
    const name = path.replace(/^.*node_modules\//, '');
    const licence = entry.license ?? said[name] ?? 'none';
    const fits = licence.replace(/[()]/g, '').split(' OR ').some((one) => one.split(' AND ').every((part) => allowed.has(part)));
    return !fits || !entry.integrity || name === '@grafana/prometheus';
  });
  assert.deepEqual(wrong.map(([path, entry]) => `${path}: ${entry.license}`), []);
  assert.ok(existsSync(`${built}/main.js`));
});
