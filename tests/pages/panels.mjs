// What a dashboard of the page shows, panel by panel, as a reader sees it.
const LIMIT = 60_000;

/** Opens every row, makes room for all panels, waits until `count` are there and none is loading; gives `{row, title, state, text}` of each. */
export async function panels(page, count) {
  await page.locator('[data-testid="panel-group"]').first().waitFor({ timeout: LIMIT });
  // By name: what is opened has another one, and is not clicked twice.
  const closed = await page.locator('[aria-label^="expand group "]').evaluateAll((all) => all.map((button) => button.getAttribute('aria-label')));
  for (const name of closed) await page.getByLabel(name, { exact: true }).click();
  const { width } = page.viewportSize();
  const end = Date.now() + LIMIT;
  for (;;) {
    // A panel asks when it comes into sight, and rows grow while they open.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    if (height > page.viewportSize().height) await page.setViewportSize({ width, height: height + 100 });
    const found = await page.evaluate(look);
    const loading = found.filter((panel) => panel.state === 'loading');
    if (found.length === count && !loading.length) return found;
    if (Date.now() > end) throw new Error(`${found.length} of ${count} panels after ${LIMIT / 1000} s, still loading: ${loading.map((panel) => panel.title).join(', ')}`);
    await page.waitForTimeout(250);
  }
}

function look() {
  return [...document.querySelectorAll('[data-testid="panel-group"]')].flatMap((group) => {
    const row = group.querySelector('[data-testid="panel-group-header"]')?.textContent.trim() ?? '';
    return [...group.querySelectorAll('[data-testid="panel"]')].map((panel) => {
      const title = panel.querySelector('header h6')?.textContent.trim() ?? '';
      const bodies = [...panel.children].filter((child) => child.tagName !== 'HEADER');
      const has = (what) => bodies.some((body) => body.matches(what) || body.querySelector(what));
      const text = bodies.map((body) => body.innerText.trim()).join(' ').trim();
      const legend = bodies.flatMap((body) => [...body.querySelectorAll('[role="listitem"]')]).map((item) => item.innerText.trim());
      let state = 'loading';
      // The header turns a wheel while a question is open.
      if (panel.querySelector('.MuiSkeleton-root, [role="progressbar"]')) state = 'loading';
      else if (has('[role="alert"]')) state = 'error';
      // A chart without series says so on its canvas, where it cannot be read: its legend is empty, or a line of
      // the configuration stands there alone.
      else if ((has('canvas') && !text) || (legend.length && legend.every((name) => name === 'threshold'))) state = 'empty';
      else if (/^no (data|records|rows)/i.test(text) || (has('table') && !has('tbody tr'))) state = 'empty';
      else if (has('canvas, svg:not(.MuiSvgIcon-root), tbody tr') || text) state = 'drawn';
      return { row, title, state, text: text.slice(0, 300) };
    });
  });
}
