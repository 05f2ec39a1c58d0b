// What a dashboard of the page shows, panel by panel, as a reader sees it.
const LIMIT = 60_000;

/** Opens every row, makes room for all panels, waits until none is loading; gives `{row, title, state, text}` of each. */
export async function panels(page) {
  await page.locator('[data-testid="panel-group"]').first().waitFor({ timeout: LIMIT });
  const closed = page.locator('[data-testid="panel-group-header"]:has([data-testid="ChevronRightIcon"]) button');
  while (await closed.count()) await closed.first().click();
  // A panel asks when it comes into sight.
  const { width } = page.viewportSize();
  await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight + 400) });
  const end = Date.now() + LIMIT;
  for (;;) {
    const found = await page.evaluate(look);
    const loading = found.filter((panel) => panel.state === 'loading');
    if (!loading.length) return found;
    if (Date.now() > end) throw new Error(`still loading after ${LIMIT / 1000} s: ${loading.map((panel) => panel.title).join(', ')}`);
    await page.waitForTimeout(250);
  }
}

function look() {
  return [...document.querySelectorAll('[data-testid="panel-group"]')].flatMap((group) => {
    const row = group.querySelector('[data-testid="panel-group-header"]')?.textContent.trim() ?? '';
    return [...group.querySelectorAll('[data-testid="panel"]')].map((panel) => {
      const title = panel.querySelector('header')?.innerText.trim() ?? '';
      const body = panel.querySelector('figure, .MuiCardContent-root') ?? panel;
      const text = body.innerText.trim();
      const drawn = body.querySelector('canvas, svg path, tbody tr, [role="row"]') !== null || text !== '';
      let state = 'drawn';
      if (panel.querySelector('.MuiSkeleton-root, [role="progressbar"]')) state = 'loading';
      else if (panel.querySelector('[role="alert"]')) state = 'error';
      else if (/^no (data|records|rows)/i.test(text)) state = 'empty';
      else if (!drawn) state = 'loading';
      return { row, title, state, text: text.slice(0, 300) };
    });
  });
}
