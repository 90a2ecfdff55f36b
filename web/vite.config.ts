// Builds the portal into dist/: files whose names change with their content, and a manifest that the server reads.

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  // Files find each other from where they are: the base path is known only where it runs.
  base: './',
  plugins: [react()],
  build: {
    manifest: 'manifest.json',
    rolldownOptions: { input: 'src/main.tsx' },
    target: 'es2023',
    // The policy allows no inline script, which the polyfill would be.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
  },
})
