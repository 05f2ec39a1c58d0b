// Light and dark: as the browser asks, until a button says otherwise.
import { ChartsProvider, generateChartsTheme, getTheme } from '@perses-dev/components';
import { CssBaseline, ThemeProvider, useMediaQuery } from '@mui/material';
import { type ReactNode, createContext, useContext, useMemo, useState } from 'react';

const KEY = 'vllm-monitoring.theme';

type Mode = 'light' | 'dark';

const Switch = createContext<{ mode: Mode; toggle: () => void }>({ mode: 'light', toggle: () => {} });

export const useMode = () => useContext(Switch);

// Okabe and Ito's colours, told apart by every kind of colour vision. The pale yellow is left out, and so is
// vermillion, which is the thresholds' alone.
const SERIES = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#8c6bb1', '#7f7f7f'];

export function Themed({ children }: { children: ReactNode }) {
  const asked: Mode = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true }) ? 'dark' : 'light';
  const [chosen, choose] = useState(() => localStorage.getItem(KEY));
  const mode: Mode = chosen === 'light' || chosen === 'dark' ? chosen : asked;
  const theme = useMemo(() => getTheme(mode), [mode]);
  const charts = useMemo(() => generateChartsTheme(theme, { echartsTheme: { color: SERIES } }), [theme]);
  const toggle = () => {
    const other = mode === 'light' ? 'dark' : 'light';
    localStorage.setItem(KEY, other);
    choose(other);
  };
  return (
    <Switch.Provider value={{ mode, toggle }}>
      <ThemeProvider theme={theme}>
        <CssBaseline />
        <ChartsProvider chartsTheme={charts} enableSyncGrouping>
          {children}
        </ChartsProvider>
      </ThemeProvider>
    </Switch.Provider>
  );
}
