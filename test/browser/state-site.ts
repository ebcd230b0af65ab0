import { join } from 'node:path'
import { build } from 'vite'
import type { HandlerOptions } from '../../dev-server/index.ts'
import { ROOT } from '../support/imports.ts'
import { bundleClient, type ClientSite, type Scripts, startClientSite } from './client-site.ts'

/** The state layer as scripts, as an application's bundler makes them: `/state.js`, and what it loads. */
export async function bundleState(): Promise<Scripts> {
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: {
        entry: {
          state: join(ROOT, 'src/state/db/index.ts'),
          persistence: join(ROOT, 'src/state/persistence/index.ts'),
        },
        formats: ['es'],
      },
    },
  })
  const [first] = [built].flat()
  if (!first || !('output' in first)) throw new Error('Vite built nothing')
  return Object.fromEntries(
    first.output.flatMap((file) => ('code' in file ? [[`/${file.fileName}`, file.code]] : [])),
  )
}

/** A site whose pages can import the state layer. */
export async function startStateSite(options: HandlerOptions = {}): Promise<ClientSite> {
  const [client, scripts] = await Promise.all([bundleClient(), bundleState()])
  return startClientSite(client, options, scripts)
}
