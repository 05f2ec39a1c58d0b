import { SnackbarProvider } from '@perses-dev/components';
import { PluginRegistry, RouterProvider, ValidationProvider } from '@perses-dev/plugin-system';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Link, useNavigate } from 'react-router-dom';
import { QueryParamProvider } from 'use-query-params';
import { ReactRouter6Adapter } from 'use-query-params/adapters/react-router-6';
import { App } from './app';
import { loader } from './plugins';
import { Themed } from './theme';

// A query that failed is shown as it failed, until the next refresh; meanwhile the last answer stays.
const client = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: 0, keepPreviousData: true } } });

function Routed({ children }: { children: ReactNode }) {
  const navigate = useNavigate();
  return (
    <RouterProvider RouterComponent={Link} navigate={navigate}>
      <QueryParamProvider adapter={ReactRouter6Adapter}>
        <ValidationProvider>{children}</ValidationProvider>
      </QueryParamProvider>
    </RouterProvider>
  );
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <BrowserRouter>
      <Themed>
        <SnackbarProvider anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}>
          <PluginRegistry pluginLoader={loader} defaultPluginKinds={{ Panel: 'TimeSeriesChart', TimeSeriesQuery: 'PrometheusTimeSeriesQuery' }}>
            <QueryClientProvider client={client}>
              <Routed>
                <App />
              </Routed>
            </QueryClientProvider>
          </PluginRegistry>
        </SnackbarProvider>
      </Themed>
    </BrowserRouter>
  </StrictMode>,
);
