import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { streamwell } from '../../src/vite-plugin/index.ts'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), streamwell()],
  // `streamwell/*` is this repository's own source, by the paths in its tsconfig.json.
  resolve: { tsconfigPaths: true },
})
