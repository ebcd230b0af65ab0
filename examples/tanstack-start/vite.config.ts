import { tanstackStart } from '@tanstack/react-start/plugin/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { streamwell } from '../../src/vite-plugin/index.ts'

/** A folder to keep the streams in; without one they live as long as the server. */
const folder = process.env['STREAMS_FOLDER']

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite/tanstack-start',
  plugins: [
    streamwell({ storage: folder ? { lmdb: { path: folder } } : 'memory' }),
    tanstackStart(),
    react(),
  ],
  // `streamwell/*` is this repository's own source, by the paths in its tsconfig.json.
  resolve: { tsconfigPaths: true },
  server: { port: 5176 },
})
