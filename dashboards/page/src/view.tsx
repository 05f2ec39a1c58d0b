// One dashboard, to be read: variables, times, panels; nothing to edit.
import { Box, Stack, Typography } from '@mui/material';
import { ErrorAlert, ErrorBoundary } from '@perses-dev/components';
import { Dashboard, DashboardProvider, DashboardStickyToolbar, DatasourceStoreProvider, VariableProviderWithQueryParams } from '@perses-dev/dashboards';
import {
  TimeRangeControls,
  TimeRangeProviderWithQueryParams,
  useInitialRefreshInterval,
  useInitialTimeRange,
  usePluginBuiltinVariableDefinitions,
} from '@perses-dev/plugin-system';
import { useQuery } from '@tanstack/react-query';
import type { DashboardResource } from '@perses-dev/core';
import { type MouseEvent, useEffect, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';
import { carried } from './header';
import { type Index, dashboard, datasources } from './served';

const TITLE = 'vLLM dashboards';

export function View({ index, name }: { index: Index; name: string }) {
  const { data, error } = useQuery({ queryKey: ['dashboard', name], queryFn: () => dashboard(name), staleTime: Infinity });
  useEffect(() => {
    document.title = data ? `${data.spec.display?.name ?? name} · ${TITLE}` : TITLE;
  }, [data, name]);
  if (error) return <ErrorAlert error={error as Error} />;
  return data ? <Shown index={index} resource={data} /> : null;
}

function Shown({ index, resource }: { index: Index; resource: DashboardResource }) {
  const { spec, metadata } = resource;
  const range = useInitialTimeRange(index.duration ?? spec.duration ?? '1h');
  const refresh = useInitialRefreshInterval(index.refreshInterval ?? spec.refreshInterval ?? '0s');
  const builtin = usePluginBuiltinVariableDefinitions();
  const { search } = useLocation();
  const navigate = useNavigate();
  // Links of panels lead to other dashboards: without a reload, and with times and variables as they stand
  // ("the last hour", "All") rather than as they were filled in.
  const follow = (event: MouseEvent) => {
    const link = (event.target as Element).closest('a');
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey;
    if (elsewhere || link?.origin !== location.origin || !link.pathname.startsWith('/d/')) return;
    event.preventDefault();
    navigate(link.pathname + carried(search));
  };
  const api = useMemo(() => datasources(index.scrapeInterval), [index.scrapeInterval]);
  return (
    <DatasourceStoreProvider dashboardResource={resource} datasourceApi={api}>
      <DashboardProvider initialState={{ dashboardResource: resource, isEditMode: false }}>
        <TimeRangeProviderWithQueryParams initialTimeRange={range} initialRefreshInterval={refresh}>
          <VariableProviderWithQueryParams initialVariableDefinitions={spec.variables ?? []} builtinVariableDefinitions={builtin.data ?? []}>
            <Box component="main" sx={{ px: 2, pb: 4 }} onClickCapture={follow}>
              <Stack direction="row" flexWrap="wrap" justifyContent="space-between" alignItems="center" gap={1} sx={{ pt: 1.5 }}>
                <Box>
                  <Typography variant="h1" sx={{ fontSize: 22 }}>
                    {spec.display?.name ?? metadata.name}
                  </Typography>
                  {spec.display?.description && (
                    <Typography variant="body2" color="text.secondary">
                      {spec.display.description}
                    </Typography>
                  )}
                </Box>
                <TimeRangeControls />
              </Stack>
              <Box sx={{ py: 1 }}>
                <DashboardStickyToolbar sx={{ backgroundColor: 'background.default' }} />
              </Box>
              <ErrorBoundary FallbackComponent={ErrorAlert}>
                <Dashboard />
              </ErrorBoundary>
            </Box>
          </VariableProviderWithQueryParams>
        </TimeRangeProviderWithQueryParams>
      </DashboardProvider>
    </DatasourceStoreProvider>
  );
}
