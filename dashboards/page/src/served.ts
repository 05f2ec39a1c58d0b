// What stands beside the page: the dashboards as files, and Prometheus behind a path of the same origin.
import type { DashboardResource, DurationString, GlobalDatasourceResource } from '@perses-dev/core';
import type { DatasourceApi } from '@perses-dev/dashboards';

/** `/dashboards/index.json`, written by the server. */
export interface Index {
  /** Of Prometheus; the least step of a query follows from it. */
  scrapeInterval: DurationString;
  /** In place of what the dashboards say: a fresh Prometheus has no six hours to show. */
  duration?: DurationString;
  refreshInterval?: DurationString;
  dashboards: { name: string; title: string; description: string }[];
}

async function json<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: the server answered ${answer.status} ${answer.statusText}`);
  return answer.json();
}

export const index = (): Promise<Index> => json('/dashboards/index.json');

export const dashboard = (name: string): Promise<DashboardResource> => json(`/dashboards/${encodeURIComponent(name)}.json`);

/** One Prometheus, whatever datasource a dashboard asks for. */
export function datasources(scrapeInterval: DurationString): DatasourceApi {
  const only: GlobalDatasourceResource = {
    kind: 'GlobalDatasource',
    metadata: { name: 'prometheus' },
    spec: { default: true, plugin: { kind: 'PrometheusDatasource', spec: { directUrl: '/prom', scrapeInterval } } },
  };
  return {
    getDatasource: async () => undefined,
    getGlobalDatasource: async () => only,
    listDatasources: async () => [],
    listGlobalDatasources: async (kind) => (!kind || kind === 'PrometheusDatasource' ? [only] : []),
  };
}
