// Bundles the drawing page: node build.mjs FOLDER
import { build } from 'esbuild';

const datasources = new URL('./page/datasources.ts', import.meta.url).pathname;
await build({
  entryPoints: [new URL('./page/main.tsx', import.meta.url).pathname],
  bundle: true, outfile: `${process.argv[2]}/main.js`, format: 'esm', jsx: 'automatic', target: 'es2022', legalComments: 'none', logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  // Packages lie outside the tree, behind a link.
  preserveSymlinks: true,
  loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.png': 'dataurl', '.ttf': 'dataurl' },
  plugins: [{ name: 'datasources', setup: (to) => to.onResolve({ filter: /^@grafana\/plugin-compat\/datasources$/ }, () => ({ path: datasources })) }],
});
