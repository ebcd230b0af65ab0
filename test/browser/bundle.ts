import { join } from 'node:path'
import { build, type PluginOption } from 'vite'
import { ROOT } from '../support/imports.ts'

/** What is at which path of a site. */
export type Scripts = Readonly<Record<string, string>>

export interface BundleOptions {
  /** Such as the compiler of a framework. */
  plugins?: PluginOption[]
  /** With what frameworks check and warn of only in development. Default: as in production. */
  mode?: 'development' | 'production'
}

/**
 * Makes scripts of our sources, as an application's bundler does: `/name.js` for each entry by its
 * name, and whatever those load later.
 */
export async function bundle(
  entries: Readonly<Record<string, string>>,
  { plugins = [], mode = 'production' }: BundleOptions = {},
): Promise<Scripts> {
  const paths = Object.entries(entries).map(([name, source]) => [name, join(ROOT, source)])
  const built = await build({
    configFile: false,
    root: ROOT,
    mode,
    logLevel: 'silent',
    resolve: { tsconfigPaths: true },
    plugins,
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: Object.fromEntries(paths) as Record<string, string>, formats: ['es'] },
    },
  })
  const [first] = [built].flat()
  if (!first || !('output' in first)) throw new Error('Vite built nothing')
  return Object.fromEntries(
    first.output.flatMap((file) => ('code' in file ? [[`/${file.fileName}`, file.code]] : [])),
  )
}
