import { defineConfig } from 'vite';

export default defineConfig({
  base: './', // a static page that works in any folder
  build: {
    outDir: process.env.PAGE_OUT ?? 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // a data: address would not pass the page's policy
    modulePreload: false,
    reportCompressedSize: false,
  },
});
