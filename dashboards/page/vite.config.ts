import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // A library of Perses' reads `global`; without it every query fails while the build passes.
  define: { global: 'globalThis' },
  resolve: {
    // Each of these keeps state in its module: two copies would not see each other.
    dedupe: ['react', 'react-dom', '@emotion/react', '@emotion/styled', '@mui/material', '@tanstack/react-query', 'echarts'],
  },
  build: { outDir: process.env.PAGE_OUT ?? 'dist', emptyOutDir: true, reportCompressedSize: false, chunkSizeWarningLimit: 2000 },
});
