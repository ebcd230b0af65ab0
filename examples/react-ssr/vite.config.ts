import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { streamwell } from '../../src/vite-plugin/index.ts'

/** A folder to keep the streams in; without one they live as long as the server. */
const folder = process.env['STREAMS_FOLDER']

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite/react-ssr',
  plugins: [react(), streamwell({ storage: folder ? { lmdb: { path: folder } } : 'memory' })],
  // `streamwell/*` is this repository's own source, by the paths in its tsconfig.json.
  resolve: { tsconfigPaths: true },
  // `vite build` builds both: the page's script, and what renders it.
  builder: {},
  build: { outDir: 'dist/client' },
  environments: {
    ssr: { build: { outDir: 'dist/server', rolldownOptions: { input: 'src/entry-server.tsx' } } },
  },
})
