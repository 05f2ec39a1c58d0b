// The dashboards as Grafana's own front-end packages draw them, over the demo's Prometheus.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch } from '../pages/chromium.mjs';
import { start, until } from '../pages/demo.mjs';
import { BACKGROUND, THEMES, clipped, contrast, draw, panels, plain } from './drawn.mjs';
import { boards, root, serve } from './server.mjs';
import { MODELS, nothing, widened } from './variants.mjs';

const all = boards();
const empty = JSON.parse(readFileSync(`${root}tests/pages/empty.json`, 'utf8'));
const built = process.env.GRAFANA_PAGE;
let demo, replay, browser, site, time;

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
  await replay?.stop();
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

/** What the first screen of Fleet has, from above. */
const FIRST = ['Is it up?', 'Is it slow?', 'Which model is in trouble?', 'Which alerts are firing?', 'Which pods are the worst now?', "What does a request's time go into?"];
const byTitle = async (page) => Object.fromEntries((await panels(page)).map((panel) => [panel.title, panel]));

/** The page of a board over other answers than the demo's. */
async function over(answer, board, options) {
  const alone = await serve(built, all, demo?.prometheus ?? process.env.PROMETHEUS, answer);
  const drawn = await draw(browser, alone.url, board, { ...time, ...options });
  return { ...drawn, close: () => drawn.page.close().then(() => alone.close()) };
}

test('the first screen of Fleet answers what is up, slow, firing and worst without scrolling', { timeout: 60_000 }, async () => {
  const { page } = await draw(browser, site.url, 'fleet', { ...time, open: false });
  const found = await byTitle(page);
  for (const title of FIRST) assert.ok(found[title].bottom <= 900, `${title} ends at ${found[title].bottom}`);
  for (const title of FIRST.slice(2, 5)) assert.deepEqual(await clipped(page, title), [], title);
  const [up, slow] = FIRST.map((title) => (found[title].stats ?? []).map((stat) => stat.title));
  assert.match(up[0], /^\d+ of \d+ replicas up$/);
  assert.deepEqual([...up.slice(1), ...slow], ['Requests failing', 'Longest queue of a pod', 'First token, p99', 'Between tokens, p99', 'Whole request, p99']);
  // A link to Replica, with the pod and its model.
  const pod = await page.locator('[data-viz-panel-key]', { hasText: 'Which pods are the worst now?' }).locator('a[href*="vllm-monitoring-replica"]').first().getAttribute('href');
  assert.match(pod, /var-namespace=inference&var-model=[^&]+&var-pod=[^&]+/);
  // One list of dashboards, and no choice that has nothing to choose.
  assert.equal(await page.getByText('Cluster', { exact: true }).count(), 0);
  assert.equal(await page.locator('a[href^="/d/vllm-monitoring-capacity"]').count(), 0);
  await page.close();
});

test('on a phone each value is readable, and the worst pods stand within the second screen', { timeout: 60_000 }, async () => {
  const { page } = await draw(browser, site.url, 'fleet', { ...time, open: false, width: 390, height: 844 });
  const found = await byTitle(page);
  const { top } = found['Which pods are the worst now?'];
  assert.ok(top < 2 * 844 - 200, `it begins at ${top}`);
  for (const title of FIRST) assert.ok(found[title].left >= 0 && found[title].right <= 390, title);
  const small = await page.evaluate((titles) => [...document.querySelectorAll('[data-viz-panel-key] [data-stats]')].flatMap((stats) => {
    const title = stats.closest('[data-viz-panel-key]').querySelector('h2')?.textContent.trim();
    return [...stats.querySelectorAll('span')].filter((text) => text.textContent.trim() && titles.includes(title) && parseFloat(getComputedStyle(text).fontSize) < 9).map((text) => `${title}: ${text.textContent}`);
  }), FIRST);
  assert.deepEqual(small, []);
  await page.close();
});

test('twelve models with long names: whole names in tables, a line each in graphs, and the same first screen', { timeout: 90_000 }, async () => {
  const { page, wrong, close } = await over(widened(demo?.prometheus ?? process.env.PROMETHEUS, MODELS), 'fleet', { open: false });
  assert.deepEqual(wrong, []);
  const found = await byTitle(page);
  assert.deepEqual(Object.values(found).filter((panel) => panel.failed), []);
  for (const title of FIRST) assert.ok(found[title].bottom <= 900, `${title} ends at ${found[title].bottom}`);
  for (const title of FIRST.slice(2, 5)) assert.deepEqual(await clipped(page, title), [], title);
  const latency = found['How long until the first token?'].series.filter((line) => line.labels?.model_name);
  assert.deepEqual(new Set(latency.map((line) => line.labels.model_name)), new Set(MODELS));
  for (const model of MODELS) assert.equal(new Set(latency.filter((line) => line.labels.model_name === model).map((line) => line.color)).size, 1, model);
  // Not half a panel: a legend names each model once.
  assert.equal(latency.filter((line) => line.legend).length, MODELS.length);
  await close();
});

for (const theme of THEMES) {
  test(`everything is slow, ${theme}: values and cells beyond a threshold are red, readable, and no text reaches into another cell`, { timeout: 90_000 }, async () => {
    const { page, close } = await over(widened(demo?.prometheus ?? process.env.PROMETHEUS, ['a', 'b', 'c'], 30), 'fleet', { open: false, theme });
    const found = await byTitle(page);
    const red = { dark: '#F2495C', light: '#E02F44' }[theme];
    // The third model's first tokens are 900 times as late as the demo's.
    const worst = await page.evaluate(() => [...document.querySelectorAll('[data-viz-panel-key]')].filter((panel) => panel.textContent.includes('Which model is in trouble?')).flatMap((panel) =>
      [...panel.querySelectorAll('[role="gridcell"]')].map((cell) => ({ text: cell.textContent.trim(), color: getComputedStyle(cell.querySelector('*') ?? cell).color }))));
    const hex = (rgb) => `#${rgb.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`.toUpperCase();
    assert.ok(worst.some(({ text, color }) => / (s|mins|hours|days)$/.test(text) && hex(color) === red), JSON.stringify(worst));
    for (const { text, color } of worst) assert.ok(contrast(hex(color), BACKGROUND[theme]) >= 3, `${text} is ${color}`);
    for (const title of FIRST.slice(2, 5)) assert.deepEqual(await clipped(page, title), [], title);
    assert.equal(found['Is it slow?'].stats.length, 3);
    await close();
  });
}

test('nothing is scraped: each panel of the first screen says so in words, none fails', { timeout: 60_000 }, async () => {
  const { page, wrong, close } = await over(nothing, 'fleet', { open: false });
  assert.deepEqual(wrong, []);
  const found = await byTitle(page);
  assert.deepEqual(Object.values(found).filter((panel) => panel.failed), []);
  for (const title of FIRST.slice(2)) assert.match(found[title].empty ?? '', /^No .+\.$/, title);
  await close();
});

/** A source that answers with these values over time, for each model of `of`. */
const constant = (of) => (path, parameters) => {
  if (path.endsWith('/series')) return JSON.stringify({ status: 'success', data: Object.keys(of).map((model_name) => ({ model_name, namespace: 'inference' })) });
  const [start, end, step] = ['start', 'end', 'step'].map((key) => Number(parameters.get(key)));
  const times = [];
  if (step) for (let at = start; at <= end; at += step) times.push(at);
  const result = Object.entries(of).map(([model_name, value]) => ({ metric: { model_name, namespace: 'inference', window: '1h', slo: 'availability' }, value: [Number(parameters.get('time')), String(value)], values: times.map((at) => [at, String(value)]) }));
  return JSON.stringify({ status: 'success', data: { resultType: path.endsWith('/query') ? 'vector' : 'matrix', result } });
};

test('axes: seconds without odd minutes, an error budget that one bad model does not stretch, counts without decimals', { timeout: 90_000 }, async () => {
  const { page, close } = await over(constant({ good: 0.9, bad: -800 }), 'model-slo', { open: true, height: 6000 });
  const budget = (await byTitle(page))['How much of the error budget is left?'];
  assert.deepEqual(budget.scale, [-1, 1]);
  // One model's four objectives are told apart by their strokes.
  const lines = budget.series.filter((line) => line.labels?.model_name === 'good');
  assert.equal(lines.length, 4);
  assert.equal(new Set(lines.map((line) => JSON.stringify(line.style))).size, 4);
  await close();
  const slow = await over(constant({ good: 2, bad: 1234.4 }), 'fleet', { open: true, height: 6000 });
  const found = await byTitle(slow.page);
  const seconds = found['How long do whole requests take?'].ticks;
  assert.ok(seconds.length > 1 && seconds.every((tick) => /^[\d.,]+ s$/.test(tick)), `${seconds}`);
  assert.deepEqual(found['Requests running'].stats.map((stat) => stat.text), ['2', '1,234']);
  // The tooltip: whole values, and no word of emptiness.
  const graph = slow.page.locator('[data-viz-panel-key]', { hasText: 'How long do whole requests take?' }).locator('.u-over').first();
  await graph.hover();
  const tip = slow.page.locator('#grafana-portal-container, [data-testid="portal-container"]').getByText('bad p99').first();
  await tip.waitFor({ timeout: 10_000 });
  const said = await tip.evaluate((row) => row.closest('[class*="wrapper"], div')?.parentElement?.parentElement?.textContent ?? '');
  assert.ok(!/No request|No server/.test(said), said);
  await slow.close();
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

test('alerts that are switched on are a line each where they began, red or orange by severity, and fill no graph', { timeout: 180_000 }, async () => {
  const on = Object.fromEntries(Object.entries(all).map(([name, board]) => {
    const copy = structuredClone(board);
    for (const layer of copy.annotations.list) layer.enable = true;
    return [name, copy];
  }));
  const [from, to] = [1795661730, 1795662090];
  // Nine alerts that fire all the time: as regions they would cover 61 % of each graph.
  const began = (severity, count) => Array.from({ length: count }, (_, at) => {
    const values = [];
    for (let time = from; time <= to; time += 60) values.push([time, String((from + 60 * at) * 1000)]);
    return { metric: { alertname: `Vllm${severity}${at}`, model: 'qwen3-235b' }, values };
  });
  const steady = constant({ m: 2 });
  const alone = await serve(built, on, '', (path, parameters) => {
    const query = parameters.get('query') ?? '';
    if (!path.endsWith('/query_range') || !query.includes('ALERTS')) return steady(path, parameters);
    const result = query.includes('severity="critical"') ? began('Critical', 5) : query.includes('severity="warning"') ? began('Warning', 4) : [];
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  });
  const { page } = await draw(browser, alone.url, 'fleet', { from: String(from * 1000), to: String(to * 1000), open: false });
  // The first screen's graph; those of rows below have none before they are scrolled to.
  const graphs = await until('alerts over the first screen', 120_000, async () => (await panels(page)).filter((panel) => panel.marks?.length), (found) => found.some(({ title }) => FIRST.includes(title)));
  for (const { title, marks } of graphs) {
    assert.equal(marks.length, 9, title);
    assert.deepEqual(marks.filter((mark) => mark.isRegion || (mark.timeEnd && mark.timeEnd !== mark.time)), [], title);
    assert.deepEqual(new Set(marks.map((mark) => `${/Critical/.test(mark.title)} ${mark.color}`)).size, 2, `${title}: ${JSON.stringify(marks)}`);
  }
  await page.close();
  alone.close();
});

test('one objective is missed: the table has its row alone, with the burn rate in red and a text that is readable', { timeout: 90_000 }, async () => {
  // The tests of the query are in dashboards-tests; here each column has the one row that they leave.
  const missed = (path, parameters) => {
    const query = parameters.get('query') ?? '';
    if (!path.endsWith('/query') || !query.includes('> 1 or')) return constant({ good: 0.2 })(path, parameters);
    const result = [{ metric: { namespace: 'inference', model_name: 'bad', slo: 'e2e_latency' }, value: [Number(parameters.get('time')), query.includes('slo:events') ? '1234' : query.includes('slo:budget') && query.indexOf('slo:budget') < query.indexOf(' and on (namespace') ? '20' : '0.25'] }];
    return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  };
  for (const theme of THEMES) {
    const { page, wrong, close } = await over(missed, 'model-slo', { open: false, theme, height: 6000 });
    assert.deepEqual(wrong, []);
    const table = (await byTitle(page))['Which objectives are missed?'];
    const [head, ...rows] = table.rows;
    assert.deepEqual(head.map((text) => text.replace(/\W+$/, '')), ['Namespace', 'Model', 'Objective', 'Burn, short window', 'Bad, short window', 'Bad, middle', 'Bad, long', 'Events, long']);
    assert.deepEqual(rows.map((row) => [...row.slice(0, 3), row.at(-1)]), [['inference', 'bad', 'e2e_latency', '1,234']]);
    assert.deepEqual(await clipped(page, 'Which objectives are missed?'), []);
    const burn = await page.evaluate(() => [...document.querySelectorAll('[data-viz-panel-key]')].filter((panel) => panel.textContent.includes('Which objectives are missed?')).flatMap((panel) =>
      [...panel.querySelectorAll('[role="gridcell"]')].map((cell) => ({ text: cell.textContent.trim(), color: getComputedStyle(cell.querySelector('*') ?? cell).color }))).find(({ text }) => text.endsWith('×')));
    const hex = `#${burn.color.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`.toUpperCase();
    assert.equal(hex, { dark: '#F2495C', light: '#E02F44' }[theme]);
    await close();
  }
});

test('large values are green, amber and red by their thresholds', { timeout: 300_000 }, async () => {
  const names = { '#37872D': 'dark-green', '#FA6400': 'dark-orange', '#F2495C': 'red' };
  // A query without its choices, which the page fills in.
  const plainly = (query) => query.replace(/=~"[^"]*"/g, '').replace(/pod="[^"]*"/g, '');
  for (const board of ['fleet', 'replica', 'model-slo']) {
    const tiles = all[board].panels.filter((panel) => panel.type === 'stat');
    const steps = Object.fromEntries(tiles.flatMap((panel) => panel.targets.map(({ refId, expr }, at) => {
      const own = panel.fieldConfig.overrides.find(({ matcher }) => matcher.options === refId)?.properties.find(({ id }) => id === 'thresholds');
      return [`${panel.title} ${at}`, { query: plainly(expr), steps: own?.value.steps }];
    })).filter(([, tile]) => tile.steps));
    const colours = {};
    for (const level of [0, 1, 2]) {
      const value = ([, low, high]) => [low.value / 2, (low.value + high.value) / 2, high.value * 2][level];
      const { page, close } = await over((path, parameters) => {
        const tile = Object.values(steps).find(({ query }) => query === plainly(parameters.get('query') ?? ''));
        return constant({ m: tile ? value(tile.steps) : 0 })(path, parameters);
      }, board, { open: false, choices: { 'var-pod': 'm' } });
      for (const { title, stats } of await panels(page)) {
        (stats ?? []).forEach((stat, at) => {
          const tile = steps[`${title} ${at}`];
          if (tile) (colours[`${title} ${at}`] ??= []).push(names[stat.color.toUpperCase()] ?? stat.color);
        });
      }
      await close();
    }
    assert.ok(Object.keys(steps).length >= 4);
    // Where amber and red begin at one value there is no amber.
    const expected = ({ steps: [low, middle, high] }) => [low.color, middle.value === high.value ? high.color : middle.color, high.color];
    assert.deepEqual(colours, Object.fromEntries(Object.entries(steps).map(([tile, its]) => [tile, expected(its)])), board);
    for (const { steps: its } of Object.values(steps)) assert.equal(new Set(its.map(({ color }) => color)).size, 3);
  }
});

test('over a recorded server of vLLM, played again: every panel is drawn, or says why it is empty', { timeout: 300_000 }, async () => {
  // Last: a demo takes the addresses and the folder of the one before.
  await demo?.stop();
  demo = undefined;
  replay = await start(30, { REPLAY: '1' });
  const alone = await serve(built, all, replay.prometheus);
  for (const [name, board] of Object.entries(all)) {
    const { page, wrong } = await draw(browser, alone.url, name, { from: 'now-5m', to: 'now', height: 6000 });
    assert.deepEqual(wrong, [], name);
    const found = await panels(page);
    const defined = board.panels.flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]));
    assert.deepEqual(found.map(({ title }) => title).sort(), defined.map(({ title }) => title).sort());
    assert.deepEqual(found.filter((panel) => panel.failed).map(({ title }) => title), [], name);
    for (const panel of found.filter((panel) => panel.empty !== null)) assert.equal(panel.empty, defined.find(({ title }) => title === panel.title).fieldConfig.defaults.noValue, panel.title);
    if (name === 'fleet') {
      const first = Object.fromEntries(found.map((panel) => [panel.title, panel]));
      for (const title of ['Which model is in trouble?', 'Which pods are the worst now?', 'How long do whole requests take?', "What does a request's time go into?"]) assert.equal(first[title].empty, null, title);
    }
    await page.close();
  }
  alone.close();
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
