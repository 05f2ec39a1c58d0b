// The values validator's page in a real Chromium.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { launch, watched } from './chromium.mjs';
import { root } from './demo.mjs';
import { serve } from './site.mjs';

const built = `${root}target/pages/plugins-values-validator-page`;
const corpus = `${root}tests/values/mistakes/`;
/** Bytes, gzipped: what a visitor loads at most. */
const LIMIT = 1_000_000;

let browser;
let site;
before(async () => {
  site = await serve(built);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close();
});

async function open(options) {
  const { page, wrong } = await watched(browser, new URL(site.url).origin, options);
  await page.goto(site.url);
  await checked(page);
  return { page, wrong };
}

const checked = (page) => page.locator('body[data-checked="yes"]').waitFor({ timeout: 15_000 });

/** Findings as the list shows them. */
const found = (page) =>
  page.locator('#findings li').evaluateAll((all) => all.map(({ dataset }) => ({ code: dataset.code, source: dataset.file, line: Number(dataset.line), column: Number(dataset.column) })));

const sorted = (findings) => findings.map((finding) => JSON.stringify(finding, ['code', 'source', 'line', 'column'])).sort();

/** Opens files as a reader does, and sets what is set beside them. */
async function give(page, files, sets = []) {
  await page.locator('#more').evaluate((details) => { details.open = true; });
  await page.locator('#sets').fill('');
  await page.locator('#open').setInputFiles(files);
  await page.locator('#tabs [role="tab"]').first().waitFor();
  await page.locator('#sets').fill(sets.map(({ flag, text }) => `${flag} ${text}`).join('\n'));
  await page.waitForFunction((names) => JSON.stringify([...document.querySelectorAll('#tabs [role="tab"]')].map((tab) => tab.firstChild.data)) === names, JSON.stringify(files.map((file) => file.name ?? basename(file))));
  await checked(page);
}

/** Types a file's text anew. */
const text = (name, text) => ({ name, mimeType: 'text/yaml', buffer: Buffer.from(text) });

test('every mistake is found with its code at its line and column, and no request leaves the origin', { timeout: 120_000 }, async () => {
  const mistakes = JSON.parse(readFileSync(`${corpus}index.json`, 'utf8'));
  assert.ok(mistakes.length >= 60);
  const { page, wrong } = await open();
  const failed = [];
  for (const { name, files, sets, expected } of mistakes) {
    await give(page, files.map((file) => corpus + file), sets);
    const names = new Map(files.map((file) => [file, basename(file)]));
    const wanted = sorted(expected.map((place) => ({ ...place, source: names.get(place.source) ?? place.source })));
    const seen = sorted(await found(page));
    if (JSON.stringify(seen) !== JSON.stringify(wanted)) failed.push({ name, wanted, seen });
  }
  assert.deepEqual(failed, []);
  assert.deepEqual(wrong, []);
  await page.close();
});

test('the chart\'s own values and examples have no error', { timeout: 60_000 }, async () => {
  const { page, wrong } = await open();
  const options = await page.locator('#example option').evaluateAll((all) => all.map((option) => option.value).filter(Boolean));
  assert.ok(options.length >= 3, options.join());
  for (const option of options) {
    await page.locator('#example').selectOption(option);
    await page.waitForFunction(() => document.querySelector('#example').value === '');
    await checked(page);
    assert.equal(await page.locator('#findings li[data-severity="error"]').count(), 0, `${option}: ${await page.locator('#findings').innerText()}`);
  }
  assert.deepEqual(wrong, []);
  await page.close();
});

test('findings follow what is typed; F8, the list and the mending work from the keyboard', { timeout: 60_000 }, async () => {
  const { page, wrong } = await open();
  await give(page, [text('a.yaml', 'metrics:\n  mode: operater\n')]);
  assert.match(await page.locator('#summary').innerText(), /1 error/);
  assert.equal(await page.locator('#editor .cm-lint-marker-error').count(), 1);
  assert.match(await page.locator('#tabs').innerText(), /a\.yaml\s*1/);
  // From the list to the place, and the replacement.
  await page.locator('#findings .jump').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.querySelector('#editor').shadowRoot.getSelection?.()?.toString() ?? getSelection().toString()), 'operater');
  await page.locator('#findings .apply').focus();
  await page.keyboard.press('Enter');
  await page.locator('#findings li[data-severity="error"]').waitFor({ state: 'detached' });
  await checked(page);
  assert.doesNotMatch(await page.locator('#summary').innerText(), /error/);
  // Typing.
  await page.locator('#editor .cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('modell: []\n');
  await page.locator('#findings li[data-code="unknown-key"][data-line="3"][data-column="1"]').waitFor();
  // Tab leaves the editor.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.id), 'editor');
  assert.deepEqual(wrong, []);
  await page.close();
});

test('columns count characters, also behind some that are two units wide', { timeout: 30_000 }, async () => {
  const { page } = await open();
  await give(page, [text('a.yaml', 'metrics: {scrape: {interval: "😀😀", intervall: 1s}}\n')]);
  const unknown = (await found(page)).find((finding) => finding.code === 'unknown-key');
  assert.equal(unknown?.column, 36);
  await page.locator('#findings li[data-code="unknown-key"] .jump').click();
  assert.equal(await page.evaluate(() => document.querySelector('#editor').shadowRoot.getSelection?.()?.toString() ?? getSelection().toString()), 'intervall');
  await page.close();
});

test('several files and a drop: later ones win, each finding opens its file', { timeout: 30_000 }, async () => {
  const { page, wrong } = await open();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['metrics: {mode: operater}\n'], 'one.yaml'));
    data.items.add(new File(['# over it\nmetrics: {mode: auto}\nmodel: []\n'], 'two.yaml'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
  });
  await page.getByRole('tab', { name: /two\.yaml/ }).waitFor();
  await checked(page);
  assert.deepEqual(await found(page), [{ code: 'unknown-key', source: 'two.yaml', line: 3, column: 1 }]);
  await page.locator('#findings .jump').click();
  assert.equal(await page.getByRole('tab', { selected: true }).innerText().then((name) => name.split('\n')[0].replace(/\d+$/, '')), 'two.yaml');
  assert.deepEqual(wrong, []);
  await page.close();
});

test('keys and words that may stand here are offered', { timeout: 30_000 }, async () => {
  const { page } = await open();
  await give(page, [text('a.yaml', 'metrics:\n  scrape:\n    ')]);
  await page.locator('#editor .cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('inter');
  await page.locator('#editor .cm-tooltip-autocomplete li', { hasText: 'interval' }).first().waitFor();
  await page.keyboard.press('Escape');
  await give(page, [text('b.yaml', 'metrics:\n  mode: ')]);
  await page.locator('#editor .cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Control+Space');
  for (const word of ['auto', 'operator', 'standalone']) await page.locator('#editor .cm-tooltip-autocomplete li', { hasText: word }).first().waitFor();
  await page.close();
});

test('a line of the arguments that is none is said', { timeout: 30_000 }, async () => {
  const { page } = await open();
  await give(page, [text('a.yaml', '')], [{ flag: 'set', text: 'x=1' }]);
  assert.match(await page.locator('#sets-error').innerText(), /Line 1.*expected --set/);
  await page.close();
});

test('text stands out from its ground, light and dark', { timeout: 60_000 }, async () => {
  for (const colorScheme of ['light', 'dark']) {
    const { page } = await open({ colorScheme });
    const ratios = await page.evaluate(contrasts);
    assert.ok(ratios.length > 10);
    assert.deepEqual(ratios.filter(({ ratio }) => ratio < 4.5), [], colorScheme);
    await page.close();
  }
});

// WCAG's contrast of each element with text of its own, against the nearest opaque ground.
function contrasts() {
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.checkVisibility() && !element.closest('.hidden, noscript, script') && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((element) => {
      const [a, b] = [luminance(numbers(getComputedStyle(element).color)), luminance(ground(element))].sort((x, y) => y - x);
      return { text: element.textContent.trim().slice(0, 40), ratio: (a + 0.05) / (b + 0.05) };
    });
}

test('every control has a name', { timeout: 30_000 }, async () => {
  const { page } = await open();
  await page.locator('#add').click();
  await checked(page);
  const nameless = await page.locator('button, input, select, textarea, a').evaluateAll((all) =>
    all.filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML));
  assert.deepEqual(nameless, []);
  assert.equal(await page.locator('#summary').getAttribute('aria-live'), 'polite');
  await page.close();
});

test('the whole page is small', () => {
  const files = readdirSync(built, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(`${file.parentPath ?? file.path}/${file.name}`)).length, 0);
  console.log(`values page: ${bytes} bytes gzipped`);
  assert.ok(existsSync(`${built}/index.html`) && bytes <= LIMIT, `${bytes} bytes`);
});
