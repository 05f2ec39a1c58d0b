// One dashboard: /?board=fleet&theme=dark&from=…&to=…&open=1, with var-… of its choices.
import { LocationServiceProvider, config, locationService } from '@grafana/runtime';
import { ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { initPluginTranslations } from '@grafana/i18n';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { MemoryRouter as Router } from 'react-router-dom';
import { register } from './panels';
import { prepare } from './runtime';
import { UrlSyncContextProvider } from '@grafana/scenes';
import { scene } from './scene';

const asked = new URLSearchParams(location.search);
/** Milliseconds, or as Grafana writes it: now-1h. */
const time = (text: string | null, otherwise: string) => (text && /^\d+$/.test(text) ? new Date(Number(text)).toISOString() : text ?? otherwise);
async function main() {
  prepare(asked.get('theme') === 'light' ? 'light' : 'dark');
  await initPluginTranslations('vllm-monitoring');
  register();
  const get = async (path: string) => (await fetch(path)).json();
  const [board, boards] = await Promise.all([get(`/board/${asked.get('board')}`), get('/boards')]);
  const drawn = scene(board, boards, { from: time(asked.get('from'), 'now-1h'), to: time(asked.get('to'), 'now'), open: asked.has('open') });
  document.body.style.background = config.theme2.colors.background.canvas;
  createRoot(document.getElementById('root')!).render(
    <ThemeContext.Provider value={config.theme2}>
      <GlobalStyles />
      <LocationServiceProvider service={locationService}>
        <Router>
          <UrlSyncContextProvider scene={drawn}>
            <div style={{ padding: 16 }}><drawn.Component model={drawn} /></div>
          </UrlSyncContextProvider>
          <PortalContainer />
        </Router>
      </LocationServiceProvider>
    </ThemeContext.Provider>,
  );
  (window as any).scene = drawn;
}
main();
