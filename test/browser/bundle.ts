import { join } from 'node:path'
import { build } from 'vite'
import { ROOT } from '../support/imports.ts'

/** What is at which path of a site. */
export type Scripts = Readonly<Record<string, string>>

/**
 * Makes scripts of our sources, as an application's bundler does: `/name.js` for each entry by its
 * name, and whatever those load later.
 */
export async function bundle(entries: Readonly<Record<string, string>>): Promise<Scripts> {
  const paths = Object.entries(entries).map(([name, source]) => [name, join(ROOT, source)])
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
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
