import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Runs the public conformance suite against this server: see docs/conformance.md. */
const config: ViteUserConfig = defineConfig({
  test: {
    name: 'conformance',
    environment: 'node',
    include: ['test/interop/conformance.suite.ts'],
    testTimeout: 60_000,
    // Some cases wait for real seconds to pass, which a busy machine stretches.
    retry: 1,
  },
})

export default config
