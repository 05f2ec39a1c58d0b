// What is seen of a drawn dashboard.
export const THEMES = ['dark', 'light'];
/** Of a panel, as @grafana/data has it. */
export const BACKGROUND = { dark: '#181b1f', light: '#ffffff' };

/** Opens a dashboard and waits until no panel loads and its queries have answers. */
export async function draw(browser, url, board, { theme = 'dark', width = 1440, height = 900, from, to, open = true, choices = {} } = {}) {
  const page = await browser.newPage({ viewport: { width, height } });
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  // Fonts and some icons are in no package.
  page.on('response', (answer) => answer.status() >= 400 && !new URL(answer.url()).pathname.startsWith('/public/') && wrong.push(`${answer.status()}: ${decodeURIComponent(answer.url()).slice(0, 300)}`));
  const asked = new URLSearchParams({ board, theme, from, to, ...(open ? { open: '1' } : {}), ...choices });
  await page.goto(`${url}?${asked}`);
  await page.locator('[data-testid^="data-testid Panel header"]').first().waitFor({ timeout: 60_000 });
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[aria-label="Panel loading bar"], [data-testid="data-testid panel loading bar"]'), undefined, { timeout: 60_000 });
  // Tables and legends are laid out once more when they know their size.
  await page.waitForTimeout(500);
  return { page, wrong };
}

/** Every panel: its title, what is written in it, its lines, and whether it says that a query failed. */
export const panels = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('[data-viz-panel-key]')].map((panel) => {
      const of = (name) => JSON.parse(panel.querySelector(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? 'null');
      const title = panel.querySelector('h2, [data-testid="data-testid header-container"] h6')?.textContent.trim() ?? '';
      const { top, bottom, left, right } = panel.getBoundingClientRect();
      return {
        title, top: top + scrollY, bottom: bottom + scrollY, left, right,
        failed: Boolean(panel.querySelector('[data-testid="data-testid Panel status error"], button[aria-label*="rror"]')),
        empty: panel.querySelector('[data-empty]')?.textContent ?? null,
        series: of('series'), stats: of('stats'), marks: of('annotations'), ticks: of('ticks'), scale: of('scale'),
        canvas: Boolean(panel.querySelector('canvas')),
        rows: [...panel.querySelectorAll('[role="row"]')].map((row) => [...row.querySelectorAll('[role="gridcell"], [role="columnheader"]')].map((cell) => cell.textContent.trim())),
      };
    }),
  );

/** Texts of cells that are wider than their cell, or cut at its edge, by panel. */
export const clipped = (page, title) =>
  page.evaluate((title) => {
    const panel = [...document.querySelectorAll('[data-viz-panel-key]')].find((panel) => panel.textContent.includes(title));
    const edge = panel.getBoundingClientRect().right;
    return [...panel.querySelectorAll('[role="gridcell"], [role="columnheader"]')].filter((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const [text, box] = [range.getBoundingClientRect(), cell.getBoundingClientRect()];
      return text.width > 0 && (text.right > box.right + 1 || text.left < box.left - 1 || box.right > edge + 1);
    }).map((cell) => cell.textContent.trim());
  }, title);

const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const luminance = (colour) => {
  const [r, g, b] = colour.startsWith('#') ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) : colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  return 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
};
/** WCAG's contrast of two colours. */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
/** Without the characters of no width that a name ends with. */
export const plain = (name) => name.replace(/[\u200b\u200c\u2060-\u2064\ufeff]/g, '');
