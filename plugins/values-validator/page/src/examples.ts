// Values to begin with: the chart's own examples, loaded when they are asked for.
const files = import.meta.glob<string>('../generated/examples/*.yaml', { query: '?raw', import: 'default' });
const defaults = import.meta.glob<string>('../generated/defaults.yaml', { query: '?raw', import: 'default' });

const named = (path: string): string => path.replace(/^.*\//, '');

export const examples = new Map([
  ...Object.entries(files).map(([path, load]) => [named(path), load] as const),
  ...Object.values(defaults).map((load) => ['every key with its default', load] as const),
]);

/** What stands in the editor at first: small, with two mistakes that show what the page is for. */
export const FIRST = `models:
  - name: qwen3-235b
    replicas: 40
    namespaces: [inference]
metrics:
  mode: operater
  scrape: {interval: 15s, timeout: 20s}
thresholds:
  e2eLatency: {alert: 2m, keepTrace: 2m}
`;
