// The panels and queries that the dashboards use; each is loaded when a dashboard first needs it.
import bar from '@perses-dev/bar-chart-plugin/package.json';
import gauge from '@perses-dev/gauge-chart-plugin/package.json';
import markdown from '@perses-dev/markdown-plugin/package.json';
import type { PluginModuleResource } from '@perses-dev/plugin-system';
import { dynamicImportPluginLoader } from '@perses-dev/plugin-system';
import prometheus from '@perses-dev/prometheus-plugin/package.json';
import stat from '@perses-dev/stat-chart-plugin/package.json';
import list from '@perses-dev/static-list-variable-plugin/package.json';
import table from '@perses-dev/table-plugin/package.json';
import series from '@perses-dev/timeseries-chart-plugin/package.json';
import seriesTable from '@perses-dev/timeseries-table-plugin/package.json';

type Manifest = { name: string; version: string; perses: unknown };

// What a plugin offers stands in its package.json.
const plugin = (of: Manifest, importPlugin: () => Promise<unknown>) => ({
  resource: { kind: 'PluginModule', metadata: { name: of.name, version: of.version }, spec: of.perses } as PluginModuleResource,
  importPlugin,
});

export const loader = dynamicImportPluginLoader([
  plugin(prometheus, () => import('@perses-dev/prometheus-plugin')),
  plugin(series, () => import('@perses-dev/timeseries-chart-plugin')),
  plugin(stat, () => import('@perses-dev/stat-chart-plugin')),
  plugin(table, () => import('@perses-dev/table-plugin')),
  plugin(seriesTable, () => import('@perses-dev/timeseries-table-plugin')),
  plugin(gauge, () => import('@perses-dev/gauge-chart-plugin')),
  plugin(bar, () => import('@perses-dev/bar-chart-plugin')),
  plugin(markdown, () => import('@perses-dev/markdown-plugin')),
  plugin(list, () => import('@perses-dev/static-list-variable-plugin')),
]);
