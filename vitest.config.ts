import react from '@vitejs/plugin-react'
import solid from 'vite-plugin-solid'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { reactCompiler } from './test/support/react-compiler.ts'

// `streamwell/*` is our own source, by the paths in tsconfig.json.
const resolve = { tsconfigPaths: true }

/** The oldest React that we work with, in place of the newest. */
const oldReact = [
  { find: /^react$/, replacement: 'react-18' },
  { find: /^react\/(.*)$/, replacement: 'react-18/$1' },
  { find: /^react-dom$/, replacement: 'react-dom-18' },
  { find: /^react-dom\/(.*)$/, replacement: 'react-dom-18/$1' },
]

/** The oldest TanStack DB that we work with, in place of the newest. */
const oldTanstack = {
  resolve: {
    ...resolve,
    alias: [
      { find: /^@tanstack\/db$/, replacement: 'db-old' },
      { find: /^@tanstack\/react-db$/, replacement: 'react-db-old' },
    ],
  },
}
const onOldTanstack = {
  env: { TANSTACK_DB: 'db-old' },
  // The aliases hold only for what goes through Vite.
  server: { deps: { inline: [/db-old/] } },
}

/** How long a test may take that ends well, on any machine: only what hangs takes longer. */
const patience = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000, interval: 20 } },
}

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          ...patience,
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
          ...patience,
          name: 'react',
          environment: './test/support/dom-with-node-fetch.ts',
          include: ['test/{react,tanstack,hooks}/**/*.test.tsx'],
          exclude: ['test/hooks/solid*'],
        },
      },
      {
        resolve,
        plugins: [solid()],
        test: {
          ...patience,
          name: 'solid',
          environment: './test/support/dom-with-node-fetch.ts',
          include: ['test/solid/**/*.test.tsx', 'test/hooks/solid*.test.tsx'],
        },
      },
      {
        resolve,
        ssr: { resolve: { conditions: ['solid', 'node'] } },
        plugins: [solid({ ssr: true })],
        test: {
          ...patience,
          name: 'solid-ssr',
          environment: 'node',
          include: ['test/solid-ssr/**/*.test.tsx'],
          exclude: ['test/solid-ssr/**/hydration*'],
        },
      },
      {
        // As a browser takes over what a server has rendered.
        resolve: { ...resolve, conditions: ['browser', 'development'] },
        plugins: [solid({ ssr: true, hot: false })],
        test: {
          ...patience,
          name: 'solid-hydration',
          environment: './test/support/dom-with-node-fetch.ts',
          include: ['test/solid-ssr/**/hydration*.test.tsx'],
          server: { deps: { inline: [/solid-js/, /solid-db/] } },
        },
      },
      {
        resolve,
        plugins: [reactCompiler(), react()],
        test: {
          ...patience,
          name: 'react-compiled',
          environment: './test/support/dom-with-node-fetch.ts',
          include: ['test/hooks/react.test.tsx'],
        },
      },
      {
        resolve: { ...resolve, alias: oldReact },
        plugins: [react()],
        test: {
          ...patience,
          name: 'react-18',
          environment: './test/support/dom-with-node-fetch.ts',
          setupFiles: ['./test/hooks/react-18.ts'],
          env: { REACT: '18' },
          include: ['test/hooks/react*.test.tsx'],
        },
      },
      {
        ...oldTanstack,
        test: {
          ...onOldTanstack,
          ...patience,
          name: 'tanstack-old',
          environment: 'node',
          include: [
            'test/state/db*.test.ts',
            'test/state/derived*.test.ts',
            'test/state/simulation/**/db*.test.ts',
            'test/tanstack/**/*.test.ts',
          ],
        },
      },
      {
        ...oldTanstack,
        plugins: [react()],
        test: {
          ...onOldTanstack,
          ...patience,
          name: 'tanstack-old-react',
          environment: './test/support/dom-with-node-fetch.ts',
          include: ['test/tanstack/**/*.test.tsx'],
        },
      },
      {
        resolve,
        test: {
          ...patience,
          name: 'browser',
          environment: 'node',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: './test/browser/global-setup.ts',
          fileParallelism: false,
        },
      },
    ],
  },
})

export default config
