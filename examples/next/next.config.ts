import { join } from 'node:path'
import type { NextConfig } from 'next'

const repository = join(import.meta.dirname, '../..')

const config: NextConfig = {
  // `streamwell/*` is this repository's own source, by the paths in its tsconfig.json.
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  // `npm run types` checks them.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['lmdb'],
}

export default config
