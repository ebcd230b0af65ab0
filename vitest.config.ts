import react from '@vitejs/plugin-react'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

// `streamwell/*` is our own source, by the paths in tsconfig.json.
const resolve = { tsconfigPaths: true }

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/react/**', 'test/conformance/**'],
        },
      },
      {
        resolve,
        plugins: [react()],
        test: {
          name: 'react',
          environment: './test/support/dom-with-node-fetch.ts',
          include: ['test/react/**/*.test.{ts,tsx}'],
        },
      },
      {
        resolve,
        test: {
          name: 'browser',
          environment: 'node',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: './test/browser/global-setup.ts',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})

export default config
