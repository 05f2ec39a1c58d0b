// The drawing page, the dashboards' files, and Prometheus' API behind it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dashboards</title><link rel="stylesheet" href="/main.css"></head><body><div id="root"></div><script>window.process={env:{}};window.grafanaBootData={settings:{},user:{},navTree:[]}</script><script type="module" src="/main.js"></script></body></html>';

export const boards = (folder = `${root}chart/dashboards`) =>
  Object.fromEntries(readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))]));

/** Serves `built` with these dashboards over a Prometheus, or over `answer(path, parameters)` in its place. */
export async function serve(built, all, prometheus, answer) {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://x');
    const say = (body, type = '.json', status = 200) => response.writeHead(status, { 'content-type': TYPES[type] ?? 'text/html' }).end(body);
    try {
      const [, kind, name] = pathname.split('/');
      if (kind === 'api') {
        const found = (await answer?.(pathname, searchParams)) ?? (await (await fetch(prometheus + request.url)).text());
        return say(found);
      }
      if (kind === 'boards') return say(JSON.stringify(Object.values(all).map(({ uid, title }) => ({ uid, title }))));
      if (kind === 'board') return all[name] ? say(JSON.stringify(all[name])) : say('{}', '.json', 404);
      // Icons that @grafana/ui fetches when it shows them.
      const file = kind === 'public' ? `${root}tests/grafana/node_modules/@grafana/ui/dist${normalize(pathname).replace('/build/', '/')}` : `${built}${normalize(pathname)}`;
      if (extname(pathname) && existsSync(file)) return say(readFileSync(file), extname(pathname));
      return extname(pathname) ? say('', '.json', 404) : say(PAGE, '.html');
    } catch (error) {
      return say(JSON.stringify({ status: 'error', error: String(error) }), '.json', 502);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
