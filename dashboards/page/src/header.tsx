// The bar on top: which dashboards there are, and the way from one to another with time and variables kept.
import { AppBar, Box, Button, IconButton, Toolbar, Tooltip, Typography } from '@mui/material';
import { Link, useLocation } from 'react-router-dom';
import { useMode } from './theme';
import type { Index } from './served';

/** Of a query string what means the same on every dashboard: times, refresh, variables. */
export function carried(search: string): string {
  const kept = [...new URLSearchParams(search)].filter(([key]) => /^(start|end|refresh|var-.+)$/.test(key));
  return kept.length ? `?${new URLSearchParams(kept)}` : '';
}

export function Header({ index, current }: { index: Index; current?: string }) {
  const { mode, toggle } = useMode();
  const { search } = useLocation();
  return (
    <AppBar position="static" color="default" elevation={0} sx={{ borderBottom: 1, borderColor: 'divider' }}>
      <Toolbar variant="dense" sx={{ gap: 2, flexWrap: 'wrap', py: 0.5 }}>
        <Box component="img" src="/favicon.svg" alt="" width={24} height={24} />
        <Typography component={Link} to={`/${carried(search)}`} variant="h3" sx={{ color: 'text.primary', textDecoration: 'none' }}>
          vLLM
        </Typography>
        <Box component="nav" aria-label="Dashboards" sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5, flexGrow: 1 }}>
          {index.dashboards.map(({ name, title }) => (
            <Button
              key={name}
              component={Link}
              to={`/d/${name}${carried(search)}`}
              size="small"
              variant={name === current ? 'contained' : 'text'}
              aria-current={name === current ? 'page' : undefined}
              disableElevation
            >
              {title}
            </Button>
          ))}
        </Box>
        <Button size="small" href="/prometheus" color="inherit">
          Prometheus
        </Button>
        <Tooltip title={mode === 'light' ? 'Dark' : 'Light'}>
          <IconButton aria-label={mode === 'light' ? 'Dark colours' : 'Light colours'} onClick={toggle} size="small">
            <svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">
              <circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" strokeWidth="2" />
              <path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor" />
            </svg>
          </IconButton>
        </Tooltip>
      </Toolbar>
    </AppBar>
  );
}
