import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Runs the public conformance suite against this server: see docs/conformance.md. */
const config: ViteUserConfig = defineConfig({
  test: {
    name: 'conformance',
    environment: 'node',
    include: ['test/conformance/*.test.ts'],
    testTimeout: 60_000,
    // They wait most of the time: all servers at once.
    maxWorkers: 4,
    // Some cases wait for real seconds to pass, which a busy machine stretches.
    retry: 1,
  },
})

export default config
